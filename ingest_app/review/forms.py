"""The form next to a page's source, with the parsed values to correct."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from ingest_app.pages.page_people import MAX_PEOPLE_PER_PAGE
from sessions_app.models import Appearance, Region, Session, Topic
from site_app.forms.date_fields import DayField
from site_app.text.numbers import parse_whole_number
from speakers_app.people_line.affiliations import split_outside_brackets

MAX_FORMSET_ROWS = 200


class PageForm(forms.Form):
    title = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    held_on = DayField(required=False, help_text=gettext_lazy("Empty if it is not known."))
    ends_on = DayField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Only if it took several days."),
    )
    series = forms.CharField(max_length=200, required=False)
    summary = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=gettext_lazy("A blank line between paragraphs."),
    )
    has_recording = forms.BooleanField(
        label=gettext_lazy("There is a recording to ask for"), required=False
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Contact for the recording"), required=False
    )
    source_url = forms.URLField(
        label=gettext_lazy("Address on the old site"),
        max_length=500,
        required=False,
        assume_scheme="https",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, model in (("topics", Topic), ("regions", Region)):
            widget = AutocompleteSelectMultiple(Session._meta.get_field(name), admin.site)
            self.fields[name] = forms.ModelMultipleChoiceField(
                model.objects.all(), required=False, widget=widget
            )

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("held_on"), cleaned.get("ends_on")
        if last and not first and "held_on" not in self.errors:
            self.add_error("ends_on", gettext("A last day needs a first day."))
        elif last and first and last < first:
            self.add_error("ends_on", gettext("The last day is before the first."))
        return cleaned


class PageSpeakerForm(forms.Form):
    printed = forms.IntegerField(required=False, widget=forms.HiddenInput)
    honorific = forms.CharField(max_length=60, required=False)
    given = forms.CharField(label=gettext_lazy("Given name"), max_length=200, required=False)
    family = forms.CharField(label=gettext_lazy("Family name"), max_length=200)
    suffix = forms.CharField(max_length=60, required=False)
    affiliation = forms.CharField(
        max_length=900, required=False, help_text=gettext_lazy("Separate several with semicolons.")
    )
    role = forms.CharField(max_length=300, required=False)
    function = forms.ChoiceField(choices=Appearance.Function.choices)

    def clean_affiliation(self):
        text = self.cleaned_data["affiliation"]
        if any(len(part) > 300 for part in split_outside_brackets(text, ";")):
            raise ValidationError(gettext("An organisation's name has at most 300 characters."))
        return text


class SpeakerRowsField(forms.MultipleChoiceField):
    """Numbers of rows of speakers; removed rows are ignored."""

    def valid_value(self, value):
        return parse_whole_number(value, minimum=0) is not None


class PageRecommendationForm(forms.Form):
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}))
    audience = forms.CharField(label=gettext_lazy("For whom"), max_length=200, required=False)
    made_by = SpeakerRowsField(label=gettext_lazy("Given by"), required=False)


class PageLinkForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("Title"), max_length=500, required=False)
    url = forms.URLField(
        label=gettext_lazy("Address"), max_length=1000, required=False, assume_scheme="https"
    )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned.get("label") and not cleaned.get("url"):
            raise ValidationError(gettext("Enter a title or an address, or remove the row."))
        return cleaned


def _formset_class(form, max_rows=MAX_FORMSET_ROWS):
    return forms.formset_factory(
        form,
        extra=0,
        can_delete=True,
        max_num=max_rows,
        absolute_max=max_rows + 10,
        validate_max=True,
    )


SpeakerFormSet = _formset_class(PageSpeakerForm, MAX_PEOPLE_PER_PAGE)
RecommendationFormSet = _formset_class(PageRecommendationForm)
LinkFormSet = _formset_class(PageLinkForm)
