"""The form of a session: who may choose which status, and two editors at once."""

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timezone import localtime

from ..history import versions
from ..models import Session
from ..publishing import UNPUBLISHED
from ..states import stored_state
from .widgets import RichTextField


class SessionForm(forms.ModelForm):
    summary = RichTextField(
        required=False,
        help_text="Public from the moment of publication. What you paste from Word or a web page "
        "keeps headings, lists, emphasis and links; everything else is left out.",
    )
    edited_from = forms.CharField(required=False, widget=forms.HiddenInput)

    may_publish = False  # set by the admin for the user at hand

    class Meta:
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "internal_note": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        }
        help_texts = {
            "title": "Public. The address of the page is made from it.",
            "status": "Only published sessions are public. Draft and in review are seen by staff "
            "alone; withdrawn takes a public session off the site, its address then says so.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "series" in self.fields:
            # Deleting the series of other sessions, too, is no work for this page.
            self.fields["series"].widget.can_delete_related = False
        if self.instance.pk and "edited_from" in self.fields:
            self.initial["edited_from"] = self.fingerprint()
        if status := self.fields.get("status"):
            status.choices = [
                choice
                for choice in Session.Status.choices
                if choice[0] in UNPUBLISHED
                or (self.may_publish and choice[0] != Session.Status.BINNED)
            ]
            if not self.may_publish:
                status.help_text = (
                    "Set it to “in review” when it is ready; a publisher makes it public."
                )

    def fingerprint(self):
        state = stored_state(self.instance.pk)
        return state.fingerprint() if state else ""

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("status") == Session.Status.PUBLISHED and "published_at" in cleaned:
            cleaned["published_at"] = cleaned["published_at"] or timezone.now()
        seen = cleaned.get("edited_from")
        if self.instance.pk and seen and seen != (now := self.fingerprint()):
            self.add_error(None, self.conflict())
            # What the person has been told of may be overwritten: the next save is a decision.
            self.data = self.data.copy()
            self.data[self.add_prefix("edited_from")] = now
        return cleaned

    def conflict(self):
        newest = versions(self.instance.pk).first()
        changed = "It was changed"
        if newest and newest.revision.user:
            when = localtime(newest.revision.date_created)
            changed = f"{newest.revision.user} changed it at {when:%H:%M:%S on %d %B %Y}"
        return format_html(
            "{} after you had opened it. Nothing of yours is saved yet: it stands below. "
            '<a href="." target="_blank">See the present state</a> in another tab, then save '
            "again to put yours in its place.",
            changed,
        )
