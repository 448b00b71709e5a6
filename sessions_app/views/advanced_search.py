"""A form for those who do not write the syntax of searches: it writes it for them."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from search_app.query.parser import quoted_phrase, words_without_syntax
from sessions_app.catalogue.filters import (
    DATE_PARAMETERS,
    HAS_CHOICES,
    FirstDayField,
    LastDayField,
)

# Searched as phrases, each in the field of its name.
PHRASE_FIELDS = (
    *("title", "speaker", "organisation", "topic", "series", "region"),
    *("recommendation", "transcript"),
)

SUBMITTED_PARAMETER = "sent"  # distinguishes an empty submitted form from a new one


class AdvancedSearchForm(forms.Form):
    """Texts are words, whatever signs stand in them; dates have to be dates, something is asked for."""

    words = forms.CharField(label=_("All of these words"), required=False)
    phrase = forms.CharField(
        label=_("These words next to each other"),
        help_text=_("A phrase, without quotation marks."),
        required=False,
    )
    any_words = forms.CharField(label=_("At least one of these words"), required=False)
    without = forms.CharField(label=_("None of these words"), required=False)
    title = forms.CharField(label=_("Title"), required=False)
    speaker = forms.CharField(label=_("Speaker"), required=False)
    organisation = forms.CharField(
        label=_("Organisation"),
        help_text=_("For which somebody spoke on that day."),
        required=False,
    )
    topic = forms.CharField(label=_("Topic"), required=False)
    series = forms.CharField(label=_("Series"), required=False)
    region = forms.CharField(label=_("Region"), required=False)
    recommendation = forms.CharField(label=_("In a recommendation"), required=False)
    transcript = forms.CharField(label=_("In a transcript"), required=False)
    date_after = FirstDayField(
        label=pgettext_lazy("date", "From"),
        help_text=_("Such as 2019 or May 2021."),
        required=False,
    )
    date_before = LastDayField(label=pgettext_lazy("date", "To"), required=False)
    has = forms.MultipleChoiceField(
        label=_("Only sessions with"),
        choices=HAS_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    SECTIONS = (
        (_("Words"), ("words", "phrase", "any_words", "without")),
        (_("Where the words appear"), ("title", "recommendation", "transcript")),
        (_("Who, and about what"), ("speaker", "organisation", "topic", "series", "region")),
    )

    @property
    def sections(self):
        """[(heading, fields)] as the page shows them, dates and `has` apart."""
        return [(heading, [self[name] for name in names]) for heading, names in self.SECTIONS]

    def search_text(self) -> str:
        """Return what was filled in as a search text, such as `port "sea lane" -oil title:"law"`."""
        text = {name: self.data.get(name) or "" for name in self.fields}
        parts = words_without_syntax(text["words"])
        parts.append(quoted_phrase(text["phrase"]))
        parts.append(" OR ".join(words_without_syntax(text["any_words"])))
        parts += [f"-{word}" for word in words_without_syntax(text["without"])]
        phrases = {name: quoted_phrase(text[name]) for name in PHRASE_FIELDS}
        parts += [f"{name}:{phrase}" for name, phrase in phrases.items() if phrase]
        return " ".join(part for part in parts if part)

    def clean(self):
        """Reject an empty form, with an error at its first field."""
        asked = [self.cleaned_data.get(name) for name in (*DATE_PARAMETERS, "has")]
        if not (self.search_text() or self.errors or any(asked)):
            self.add_error("words", gettext("Fill in at least one field with a word."))


class AdvancedSearchView(TemplateView):
    """The form; sent, it leads to the list that its fields ask for."""

    template_name = "sessions_app/advanced_search.html"
    query_parameters = frozenset({*AdvancedSearchForm.base_fields, SUBMITTED_PARAMETER})

    def get(self, request, *args, **kwargs):
        names = (SUBMITTED_PARAMETER, *AdvancedSearchForm.base_fields)
        is_sent = any(request.GET.get(name) for name in names)
        advanced = AdvancedSearchForm(request.GET if is_sent else None)
        if not advanced.is_valid():
            context = self.get_context_data(advanced=advanced, form_failed=is_sent)
            return self.render_to_response(context)
        asked = {
            "q": advanced.search_text(),
            **{name: request.GET.get(name, "").strip() for name in DATE_PARAMETERS},
        }
        query = [(name, value) for name, value in asked.items() if value]
        query += [("has", value) for value in request.GET.getlist("has") if value]
        return HttpResponseRedirect(f"{reverse('sessions:list')}?{urlencode(query)}")
