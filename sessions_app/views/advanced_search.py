"""A form for those who do not write the syntax of searches: it writes it for them."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from sessions_app.catalogue.filters import DATES, HAS

# Searched for as phrases, each in the field of its name.
QUOTED_FIELDS = (
    *("title", "speaker", "organisation", "topic", "series", "region"),
    *("recommendation", "transcript"),
)


class AdvancedSearchForm(forms.Form):
    """Any text is usable; what it may mean is the search's own matter."""

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
    date_after = forms.CharField(
        label=_("From"), help_text=_("Such as 2019 or May 2021."), required=False
    )
    date_before = forms.CharField(label=_("To"), required=False)
    has = forms.MultipleChoiceField(
        label=_("Only sessions with"),
        choices=HAS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    SECTIONS = (
        (_("Words"), ("words", "phrase", "any_words", "without")),
        (_("Where they stand"), ("title", "recommendation", "transcript")),
        (_("Who, and about what"), ("speaker", "organisation", "topic", "series", "region")),
    )

    @property
    def sections(self):
        """[(heading, fields)] as the page shows them, dates and `has` apart."""
        return [(heading, [self[name] for name in names]) for heading, names in self.SECTIONS]

    def search_text(self) -> str:
        """Return what was filled in as a search text, such as `port "sea lane" -oil title:"law"`."""
        text = {name: " ".join((self.data.get(name) or "").split()) for name in self.fields}
        bare = {name: value.replace('"', " ").strip() for name, value in text.items()}
        parts = [text["words"]]
        if bare["phrase"]:
            parts.append(f'"{bare["phrase"]}"')
        parts.append(" OR ".join(bare["any_words"].split()))
        parts += [f"-{word.lstrip('-')}" for word in bare["without"].split()]
        parts += [f'{name}:"{bare[name]}"' for name in QUOTED_FIELDS if bare[name]]
        return " ".join(part for part in parts if part)


class AdvancedSearchView(TemplateView):
    """The form; sent, it leads to the list that its fields ask for."""

    template_name = "sessions_app/advanced_search.html"
    query_parameters = frozenset(AdvancedSearchForm.base_fields)

    def get(self, request, *args, **kwargs):
        if not any(request.GET.get(name) for name in AdvancedSearchForm.base_fields):
            return super().get(request, *args, **kwargs)
        asked = {
            "q": AdvancedSearchForm(request.GET).search_text(),
            **{name: request.GET.get(name, "").strip() for name in DATES},
        }
        query = [(name, value) for name, value in asked.items() if value]
        query += [("has", value) for value in request.GET.getlist("has") if value]
        return HttpResponseRedirect(f"{reverse('sessions:list')}?{urlencode(query)}")

    def get_context_data(self, **kwargs):
        return super().get_context_data(advanced=AdvancedSearchForm(), **kwargs)
