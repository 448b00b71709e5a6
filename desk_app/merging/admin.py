"""Pages of the admin on which records are merged and split."""

import hashlib

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.forms import modelform_factory
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, override

from site_app.admin_bases.addresses import admin_address
from site_app.permissions import NotAllowedError, RightMissingError, require_may_change
from site_app.text.numbers import parse_whole_numbers

from . import comparison
from .merge import (
    KEEP_BOTH_TEXTS_CHOICE,
    default_field_choices,
    fields_to_choose,
    merge_records,
    preview_merge,
)
from .record_field import find_record_by_name_or_slug
from .relations import (
    dotted_name_of_foreign_key,
    foreign_keys_to,
    record_name_in_preview,
    referring_rows_label,
    relations_to_load_for_names,
    rows_referring_to,
    rows_with_names,
)
from .row_moves import MergeError
from .rules import merge_rules
from .split import SplitSelection, preview_split, split_record

MAX_RECORDS_PER_MERGE = 12
MAX_ROWS_OFFERED_FOR_SPLIT = 1000  # rows per kind that a split offers


def may_merge(user, model) -> bool:
    """Merging changes public pages and takes records away: it needs the rights for both."""
    app, name = model._meta.app_label, model._meta.model_name
    return user.has_perms(
        ["desk_app.add_mergerecord", f"{app}.change_{name}", f"{app}.delete_{name}"]
    )


class MergeAdmin(admin.ModelAdmin):
    """Mixin: records of the list are merged, a record's own page leads to splitting it."""

    change_form_template = "admin/desk_app/mergeable_change_form.html"
    actions = ["merge_chosen"]

    def has_merge_permission(self, request):
        return may_merge(request.user, self.model)

    def get_urls(self):
        view = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("merge/", view(self.merge_view), name=f"{name}_merge"),
            path("<int:key>/split/", view(self.split_view), name=f"{name}_split"),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["may_merge"] = (
            bool(obj)
            and self.has_merge_permission(request)
            and self.has_change_permission(request, obj)
        )
        if obj:
            context["split_address"] = admin_address(self.model, "split", obj.pk)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.action(description=gettext_lazy("Merge the selected records …"), permissions=["merge"])
    def merge_chosen(self, request, queryset):
        keys = list(
            queryset.order_by("pk").values_list("pk", flat=True)[: MAX_RECORDS_PER_MERGE + 1]
        )
        if not 2 <= len(keys) <= MAX_RECORDS_PER_MERGE:
            self.message_user(
                request,
                gettext("Select at least two and at most %(max_merged)s records to merge.")
                % {"max_merged": MAX_RECORDS_PER_MERGE},
                messages.WARNING,
            )
            return None
        query = "&".join(f"id={key}" for key in keys)
        return HttpResponseRedirect(f"{admin_address(self.model, 'merge')}?{query}")

    def merge_view(self, request):
        """Compare, then preview, then merge; each step is a form that works by itself.

        Whoever sees the records may compare them, as a pair in a worklist.
        """
        may = self.has_merge_permission(request)
        if not may and (request.method == "POST" or not self.has_view_permission(request)):
            raise RightMissingError("desk_app.add_mergerecord")
        sent = request.POST if request.method == "POST" else request.GET
        records = self._records_to_merge(request, sent.getlist("id"))
        if len(records) < 2:
            self.message_user(
                request,
                gettext(
                    "Fewer than two of the selected records still exist; someone merged or deleted the others."
                ),
                messages.WARNING,
            )
            return HttpResponseRedirect(admin_address(self.model, "changelist"))
        keep = next(
            (record for record in records if str(record.pk) == sent.get("keep")), records[0]
        )
        records.remove(keep)
        records.insert(0, keep)
        choices = default_field_choices(records)
        if request.method != "POST" or "compare" in request.POST:
            return self._comparison_page(
                request, records, choices | self._posted_field_choices(sent, records)
            )
        choices |= self._posted_field_choices(sent, records)
        try:
            require_may_change(request.user, *records)
            with transaction.atomic():
                # Locked from the preview to the merge, so that nothing is added in between.
                keys = [record.pk for record in records]
                list(
                    self.model._base_manager.filter(pk__in=keys).order_by("pk").select_for_update()
                )
                return self._merge_preview_unless_confirmed(
                    request, records, choices
                ) or self._merge_and_redirect(request, records, choices)
        except (MergeError, NotAllowedError) as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._comparison_page(request, records, choices)

    def _records_to_merge(self, request, keys):
        records = self.get_queryset(request).in_bulk(set(parse_whole_numbers(keys)))
        # The record with most sessions is the likely one to keep.
        return sorted(
            list(records.values())[:MAX_RECORDS_PER_MERGE],
            key=lambda record: (-record._session_count, record.pk),
        )

    def _posted_field_choices(self, sent, records):
        keys = {str(record.pk): record.pk for record in records} | {
            KEEP_BOTH_TEXTS_CHOICE: KEEP_BOTH_TEXTS_CHOICE
        }
        return {
            field.name: keys[value]
            for field in fields_to_choose(self.model)
            if (value := sent.get(f"field-{field.name}")) in keys
        }

    def _comparison_page(self, request, records, choices):
        holdings = comparison.related_rows_by_record(records)
        may = self.has_merge_permission(request)
        return self._template_response(
            request,
            "merge.html",
            title=(gettext("Merge %(records)s") if may else gettext("Compare %(records)s"))
            % {"records": self.opts.verbose_name_plural},
            records=records,
            columns=[(record, holdings[record.pk]) for record in records],
            rows=comparison.comparison_rows(records, choices),
            may_merge=may,
        )

    def _merge_preview_unless_confirmed(self, request, records, choices):
        """Return the page that says what will happen; None if just that was confirmed."""
        keep, *others = records
        outcome = preview_merge(keep, others, choices)
        digest = hashlib.sha256(repr((outcome.moved, outcome.values)).encode()).hexdigest()[:16]
        if request.POST.get("confirm") == digest:
            return None
        if "confirm" in request.POST:
            self.message_user(
                request,
                gettext("Something changed in the meantime. Please check again."),
                messages.WARNING,
            )
        return self._template_response(
            request,
            "merge_preview.html",
            title=gettext("Merge into %(keep)s?") % {"keep": keep},
            keep=keep,
            others=others,
            outcome=outcome,
            choices=[(f"field-{name}", value) for name, value in choices.items()],
            digest=digest,
        )

    def _merge_and_redirect(self, request, records, choices):
        keep, *others = records
        with override(settings.LANGUAGE_CODE):  # stored text is always in one language
            outcome = merge_records(keep, others, choices, user=request.user)
        self.log_change(request, outcome.kept, f"Merged: {outcome.record}.")
        return self._redirect_with_undo_link(
            request, outcome, gettext("Merged: %(record)s.") % {"record": outcome.record}
        )

    def _redirect_with_undo_link(self, request, outcome, words):
        self.message_user(
            request,
            format_html(
                '{} <a href="{}">{}</a> · <a href="{}">{}</a>',
                words,
                outcome.kept.get_absolute_url(),
                gettext("See it on the site"),
                reverse("admin:desk_app_mergerecord_change", args=[outcome.record.pk]),
                gettext("What was done, and undo"),
            ),
            messages.SUCCESS,
        )
        return HttpResponseRedirect(admin_address(self.model, "change", outcome.kept.pk))

    def split_view(self, request, key):
        if not self.has_merge_permission(request):
            raise RightMissingError("desk_app.add_mergerecord")
        source = self.get_queryset(request).filter(pk=key).first()
        if source is None:
            raise Http404
        picks = self._posted_split_selection(request.POST)
        form = split_target_form_class(self.model)(request.POST or None, source=source)
        if request.method == "POST" and "choose" not in request.POST:
            if not picks:
                self.message_user(request, gettext("Select what to move."), messages.ERROR)
            elif form.is_valid():
                try:
                    require_may_change(request.user, source, form.existing_or_new_target())
                    return self._split_or_preview(request, source, form, picks)
                except (MergeError, NotAllowedError) as error:
                    self.message_user(request, str(error), messages.ERROR)
        return self._template_response(
            request,
            "split.html",
            title=gettext("Split %(source)s") % {"source": source},
            source=source,
            form=form,
            parts=self._movable_rows_by_kind(source, picks),
            listed=MAX_ROWS_OFFERED_FOR_SPLIT,
        )

    def _posted_split_selection(self, sent):
        def keys(name):
            return parse_whole_numbers(sent.getlist(name))

        return SplitSelection(
            {
                dotted_name_of_foreign_key(reference): keys(dotted_name_of_foreign_key(reference))
                for reference in foreign_keys_to(self.model)
            },
            {extra.name: keys(extra.name) for extra in merge_rules(self.model).extras},
        )

    def _movable_rows_by_kind(self, source, picks):
        """Return [(name, label, [(key, text, is picked)])] of what can move."""
        parts = []
        for reference in foreign_keys_to(self.model):
            name = dotted_name_of_foreign_key(reference)
            found = rows_with_names(
                reference, rows_referring_to(reference, [source.pk])[:MAX_ROWS_OFFERED_FOR_SPLIT]
            )
            picked = picks.rows.get(name, [])
            parts.append(
                (
                    name,
                    referring_rows_label(reference),
                    [(r.pk, t, r.pk in picked) for r, t in found],
                )
            )
        for extra in merge_rules(self.model).extras:
            rows = extra.rows(source)
            rows = (
                rows.select_related(*relations_to_load_for_names(rows.model))
                .order_by("pk")
                .distinct()
            )
            picked = picks.extras.get(extra.name, [])
            found = [
                (r.pk, record_name_in_preview(r), r.pk in picked)
                for r in rows[:MAX_ROWS_OFFERED_FOR_SPLIT]
            ]
            parts.append((extra.name, extra.label, found))
        return [part for part in parts if part[2]]

    def _split_or_preview(self, request, source, form, picks):
        target = form.existing_or_new_target()
        outcome = preview_split(source, target, picks)
        digest = hashlib.sha256(repr(outcome.moved).encode()).hexdigest()[:16]
        if request.POST.get("confirm") == digest:
            with override(settings.LANGUAGE_CODE):
                outcome = split_record(source, target, picks, user=request.user)
            self.log_change(request, source, f"Split: {outcome.record}.")
            return self._redirect_with_undo_link(
                request, outcome, gettext("Split: %(record)s.") % {"record": outcome.record}
            )
        sent = [
            (name, value)
            for name, values in request.POST.lists()
            if name not in ("csrfmiddlewaretoken", "confirm", "preview")
            for value in values
        ]
        return self._template_response(
            request,
            "split_preview.html",
            title=gettext("Split %(source)s?") % {"source": source},
            source=source,
            target=target,
            outcome=outcome,
            sent=sent,
            digest=digest,
        )

    def _template_response(self, request, template, **context):
        return TemplateResponse(
            request,
            f"admin/desk_app/{template}",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )


class SplitTargetForm(forms.Form):
    """Where what is split off goes: an existing record, named by slug, address or name, or a new one."""

    where = forms.ChoiceField(
        label=gettext_lazy("Move it to"),
        choices=[
            ("existing", gettext_lazy("another record")),
            ("new", gettext_lazy("a new record")),
        ],
        initial="new",
        widget=forms.RadioSelect,
    )
    existing = forms.CharField(
        required=False,
        label=gettext_lazy("Which one"),
        help_text=gettext_lazy("Its name, or the address of its page on the site."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    model = None

    def __init__(self, *args, source, **kwargs):
        super().__init__(*args, **kwargs)
        self.source = source
        fields = merge_rules(self.model).new_fields
        self.new_form = modelform_factory(self.model, fields=fields)(
            self.data if self.is_bound else None, prefix="new"
        )
        for form_field in self.new_form.fields.values():
            form_field.required = form_field.required and self.data.get("where") == "new"

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("where") == "new":
            if not self.new_form.is_valid():
                raise forms.ValidationError(gettext("Enter a name for the new record."))
        elif cleaned.get("where") == "existing":
            try:
                text = cleaned.get("existing", "").strip()
                self.found = find_record_by_name_or_slug(self.model, text, besides=self.source.pk)
            except forms.ValidationError as error:
                self.add_error("existing", error)
        return cleaned

    def existing_or_new_target(self):
        return self.found if self.cleaned_data["where"] == "existing" else self.new_form.instance


def split_target_form_class(model) -> type[SplitTargetForm]:
    return type(f"{model.__name__}TargetForm", (SplitTargetForm,), {"model": model})
