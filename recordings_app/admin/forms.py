"""What access officers fill in: decisions, extensions, periods of reports."""

from django import forms
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from recordings_app.models import RequestedRecording
from recordings_app.models.settings import MAX_GRANT_DAYS, MAX_PLAYS
from site_app.forms.date_fields import DayField


class TermsForm(forms.Form):
    """Days and plays that a grant gets."""

    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=MAX_GRANT_DAYS)
    plays = forms.IntegerField(label=gettext_lazy("Plays"), min_value=1, max_value=MAX_PLAYS)


class ExtensionForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("Days more"), min_value=0, max_value=MAX_GRANT_DAYS
    )
    plays = forms.IntegerField(label=gettext_lazy("Plays more"), min_value=0, max_value=MAX_PLAYS)

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("days") and not cleaned.get("plays") and not self.errors:
            raise forms.ValidationError(gettext("Add days, plays or both."))
        return cleaned


class DecisionForm(TermsForm):
    """One decision about any number of requested recordings."""

    row = forms.ModelMultipleChoiceField(
        queryset=RequestedRecording.objects.all(),
        label=gettext_lazy("Recordings"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one recording.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note to the requester"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 70}),
        help_text=gettext_lazy("Shown in the mail and on the status page."),
    )
    field_order = ["row", "days", "plays", "note"]


class PeriodForm(forms.Form):
    """Days of a report, both included; either may be left open."""

    since = DayField(label=pgettext_lazy("date", "From"), required=False)
    until = DayField(label=pgettext_lazy("date", "To"), required=False)

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("This day is before the first one."))
        return cleaned
