"""The page on which the chosen sessions of the list are changed together."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import (
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.template.response import TemplateResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy

from sessions_app.editing.bulk_edit import (
    HISTORY_COMMENT,
    BulkChange,
    apply_bulk_change,
    sessions_editable_by,
)
from sessions_app.editing.publishing import schedule_sessions
from sessions_app.models import Region, Series, Session, Topic
from site_app.forms.date_fields import MomentField
from site_app.permissions import may_publish

MAX_SESSIONS_NAMED = 20


def _multiple_choice_field(model, label, field):
    widget = AutocompleteSelectMultiple(Session._meta.get_field(field), admin.site)
    return forms.ModelMultipleChoiceField(
        model.objects.all(), label=label, required=False, widget=widget
    )


class ChangeManyForm(forms.Form):
    add_topics = _multiple_choice_field(Topic, gettext_lazy("Add topics"), "topics")
    remove_topics = _multiple_choice_field(Topic, gettext_lazy("Remove topics"), "topics")
    add_regions = _multiple_choice_field(Region, gettext_lazy("Add regions"), "regions")
    remove_regions = _multiple_choice_field(Region, gettext_lazy("Remove regions"), "regions")
    series = forms.ModelChoiceField(
        Series.objects.all(),
        label=gettext_lazy("Set the series"),
        required=False,
        widget=AutocompleteSelect(Session._meta.get_field("series"), admin.site),
    )
    no_series = forms.BooleanField(label=gettext_lazy("Remove the series"), required=False)
    publish_at = MomentField(
        label=gettext_lazy("Publish at"),
        required=False,
        help_text=format_lazy(
            gettext_lazy(
                "Those not published yet. A time that has passed means at once. "
                "Time zone: {time_zone}."
            ),
            time_zone=settings.TIME_ZONE,
        ),
    )

    def __init__(self, *args, may_publish, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_publish:
            del self.fields["publish_at"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("series") and cleaned.get("no_series"):
            self.add_error("no_series", gettext("Set a series or remove it, not both."))
        for kind in ("topics", "regions"):
            both = set(cleaned.get(f"add_{kind}") or ()) & set(cleaned.get(f"remove_{kind}") or ())
            if both:
                names = ", ".join(sorted(map(str, both)))
                self.add_error(
                    f"remove_{kind}",
                    gettext("Both added and removed: %(names)s.") % {"names": names},
                )
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(gettext("Choose what to change."))
        return cleaned


class ChangeManyMixin:
    """The action `change_chosen`, which asks what to change and then does it."""

    @admin.action(
        description=gettext_lazy("Change the selected sessions …"), permissions=["change"]
    )
    def change_chosen(self, request, queryset):
        chosen = self._without_annotations(queryset)
        values = request.POST if "change_many" in request.POST else None
        form = ChangeManyForm(values, may_publish=may_publish(request.user))
        if values is not None and form.is_valid():
            return self._apply_changes(request, chosen, form.cleaned_data)
        count, allowed = chosen.count(), sessions_editable_by(chosen, request.user).count()
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Change several sessions"),
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "named": chosen.order_by("title", "pk")[:MAX_SESSIONS_NAMED],
            "count": count,
            "not_named": max(0, count - MAX_SESSIONS_NAMED),
            "not_allowed": count - allowed,
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/sessions_app/session/change_many.html", context)

    def _apply_changes(self, request, chosen, values):
        publish_at = values.pop("publish_at", None)
        sets_series = bool(values.pop("no_series") or values["series"])
        chosen = Session.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))
        changed = set()
        if sets_series or any(values[name] for name in values if name != "series"):
            changed.update(
                apply_bulk_change(
                    chosen, BulkChange(**values, sets_series=sets_series), user=request.user
                )
            )
        if publish_at:
            published = schedule_sessions(chosen, publish_at, user=request.user)
            changed.update(session.pk for session in published)
        told = Session.objects.filter(pk__in=changed)
        LogEntry.objects.log_actions(request.user.pk, told, CHANGE, change_message=HISTORY_COMMENT)
        level = messages.SUCCESS if changed else messages.WARNING
        self.message_user(
            request, gettext("Changed: %(number)s.") % {"number": len(changed)}, level
        )
