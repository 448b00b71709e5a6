"""The form of a session: who may choose which status."""

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from desk_app.worklists.duplicate_warnings import DuplicateWarningForm
from sessions_app.editing.publishing import UNPUBLISHED_STATUSES
from site_app.admin_bases.edit_conflicts import ConflictCheckForm

from ..models import Session
from .import_remains import ImportRemainsFormMixin
from .widgets import RichTextField


class SessionForm(DuplicateWarningForm, ImportRemainsFormMixin, ConflictCheckForm):
    summary = RichTextField(
        required=False,
        help_text=gettext_lazy(
            "Public from the moment of publication. What you paste from Word or a web page "
            "keeps headings, lists, emphasis and links; everything else is left out."
        ),
    )
    may_publish = False  # the admin sets this for the current user

    class Meta:
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "internal_note": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        }
        help_texts = {
            "title": gettext_lazy("Public. The address of the page is made from it."),
            "status": gettext_lazy(
                "Only published sessions are public. Draft and in review are seen by staff "
                "alone; withdrawn takes a public session off the site, its address then says so."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "series" in self.fields:
            # Deleting a series that other sessions use is not part of this form.
            self.fields["series"].widget.can_delete_related = False
        if "published_at" in self.fields:
            field = self.fields["published_at"]
            zone = gettext("Time zone: %(time_zone)s.") % {"time_zone": settings.TIME_ZONE}
            field.help_text = f"{field.help_text} {zone}"
        if status := self.fields.get("status"):
            status.choices = [
                choice
                for choice in Session.Status.choices
                if choice[0] in UNPUBLISHED_STATUSES
                or (self.may_publish and choice[0] != Session.Status.BINNED)
            ]
            if not self.may_publish:
                status.help_text = gettext(
                    "Set it to “in review” when it is ready; a publisher makes it public."
                )

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())

    def clean(self):
        cleaned = super().clean()
        if "_publish" in self.data and self.may_publish and "status" in cleaned:
            cleaned["status"] = Session.Status.PUBLISHED
        if cleaned.get("status") == Session.Status.PUBLISHED and "published_at" in cleaned:
            cleaned["published_at"] = cleaned["published_at"] or timezone.now()
        return cleaned
