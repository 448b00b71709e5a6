"""A list of sessions or recommendations as a page shows it: results, facets, links.

Everything a template prints is worked out here, so that templates only loop and print.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from search_app.api import search
from search_app.criteria_and_hits import Criteria, Hits
from search_app.query.parser import describe_query_limits
from search_app.query.query_ast import Since, Until
from site_app.text.dates import UnreadableDateError, long_date, moment_in_words, read_period
from site_app.text.enumerations import joined_with_or
from site_app.text.shortening import shorten_at_word

from .authorities import AUTHORITIES, names_by_slug, slugs_of_public_entries
from .facets import FACET_LABELS, Facet, FacetValue
from .filters import (
    DATE_PARAMETERS,
    DEFAULT_PAGE_SIZE,
    HAS_CHOICES,
    PAGE_SIZES,
    SORT_CHOICES,
)
from .list_addresses import ListAddresses
from .query_description import describe_query
from .query_relaxation import Relaxations, find_relaxations
from .results import sort_by_keys
from .topic_tree import MAX_INDENTATION, depths_in_tree

if TYPE_CHECKING:
    from .list_kinds import ListKind

MIN_RECORDS_OF_LONG_DOWNLOAD = (
    1000  # records from which a download takes long enough to show progress
)
EXPORT_FORMATS = (
    ("csv", "CSV"),
    ("xlsx", "Excel"),
    ("json", "JSON"),
    ("bib", "BibTeX"),
    ("ris", "RIS"),
)
MAX_QUOTED_CHARACTERS = 50  # characters of the input quoted in a message
_DATE_OPERATOR_PATTERN = re.compile(r"(?:after|before):(?P<day>.+)", re.IGNORECASE | re.DOTALL)


@dataclass
class PageLink:
    number: int
    url: str
    is_current: bool


@dataclass
class ActiveFilter:
    label: str
    value_label: str
    remove_url: str
    is_unknown: bool = False


@dataclass
class QueryRequirement:
    """One requirement of the search text in words, with the list without it."""

    label: str
    remove_url: str


@dataclass
class ResultList(ListAddresses):
    """The answer to one query string at one address."""

    kind: "ListKind"
    with_facets: bool = True
    facet_names: tuple[str, ...] | None = None
    facet_limit: int = 10
    overrides: dict = field(default_factory=dict)

    export_formats = EXPORT_FORMATS
    page_sizes = PAGE_SIZES
    sorts = SORT_CHOICES

    @cached_property
    def hits(self) -> Hits:
        return search(self.criteria)

    @cached_property
    def results(self) -> list:
        """The records of this page with their excerpts, as `kind.result_class`."""
        records = self.kind.published().filter(pk__in=self.hits.keys).for_cards()
        return [
            self.kind.result_class(record, self.hits.excerpts.get(record.pk))
            for record in sort_by_keys(records, self.hits.keys)
        ]

    @property
    def result_paths(self) -> list[str]:
        return [result.path for result in self.results]

    @property
    def earlier_result_count(self) -> int:
        """The number of results on earlier pages."""
        return (self.hits.page - 1) * self.chosen_per_page

    @property
    def shown_facet_names(self):
        return self.facet_names or self.filterset.facet_names

    @cached_property
    def value_labels(self):
        """Names of all facet values in sight and of all chosen ones; one query."""
        wanted = {
            name: [count.value for count in counts if count.count]
            for name, counts in self.hits.facets.items()
        }
        for name, values in self.filterset.chosen_values_with_current_slugs().items():
            others = [value for value in values if value not in wanted.get(name, ())]
            if others and name in AUTHORITIES:
                wanted[name] = [*wanted.get(name, ()), *slugs_of_public_entries(name, others)]
        return names_by_slug(wanted)

    def value_label(self, name: str, value: str) -> str:
        if name == "has":
            return str(dict(HAS_CHOICES).get(value, value))
        return self.value_labels.get((name, value), value)

    @property
    def export_url_name(self) -> str:
        """The name of the URL of this list's exports."""
        return self.kind.export_url

    @property
    def is_long_download(self) -> bool:
        return self.hits.total >= MIN_RECORDS_OF_LONG_DOWNLOAD

    @property
    def form(self):
        return self.filterset.form

    @property
    def date_fields(self):
        return [self.form[name] for name in DATE_PARAMETERS]

    @cached_property
    def facets(self) -> list[Facet]:
        return [self.facet(name) for name in self.shown_facet_names if name != "year"]

    @cached_property
    def year_values(self) -> list[FacetValue]:
        """Years in order, each relative to the largest; those in the filter are selected."""
        years = self.facet("year").values if "year" in self.hits.facets else []
        first, last = (self.filterset.chosen_value(name) for name in DATE_PARAMETERS)
        if first or last:
            for year in years:
                year.selected = (not first or first.year <= int(year.value)) and (
                    not last or int(year.value) <= last.year
                )
        return sorted(years, key=lambda year: year.value)

    def facet(self, name: str) -> Facet:
        counts = [
            count for count in self.hits.facets.get(name, ()) if count.count or count.selected
        ]
        depths = {}
        chosen = [count for count in counts if count.selected]  # selected values first
        others = [count for count in counts if not count.selected]
        if name == "topic" and others:
            depths = depths_in_tree([count.value for count in others])
            by_slug = {count.value: count for count in others}
            others = [by_slug[slug] for slug in depths]
        counts = [*chosen, *others]
        highest = max((count.count for count in counts), default=0) or 1
        return Facet(
            name=name,
            label=FACET_LABELS[name],
            values=[
                FacetValue(
                    value=count.value,
                    label=self.value_label(name, count.value),
                    count=count.count,
                    selected=count.selected,
                    make_url=partial(self.toggled_url, name),
                    share=round(100 * count.count / highest),
                    depth=min(depths.get(count.value, 0), MAX_INDENTATION),
                )
                for count in counts
            ],
            total_values=self.hits.facet_totals.get(name, len(counts)),
            all_url=f"{reverse(self.kind.facet_url, args=[name])}?{self.query_string()}",
            errors=self.filterset.errors.get(name, []),
            is_known=name in self.hits.known_facets,
        )

    @cached_property
    def criteria(self) -> Criteria:
        return self.filterset.criteria(
            facets=self.shown_facet_names if self.with_facets else (),
            facet_limit=self.facet_limit,
            suggests=True,
            **self.overrides,
        )

    @cached_property
    def query_requirements(self) -> list[QueryRequirement]:
        """How the search text was read, requirement by requirement."""
        query = self.hits.understood
        return [
            QueryRequirement(describe_query(clause.node), self.url(q=[query.text_without(clause)]))
            for clause in query.clauses
        ]

    @property
    def wordless_text(self) -> str:
        """What was typed as a search text without any word in it; "" where there are words, or nothing."""
        text = " ".join((self.filterset.chosen_value("q") or "").split())
        return "" if self.hits.understood.clauses else shorten_at_word(text, MAX_QUOTED_CHARACTERS)

    @property
    def date_operator_errors(self) -> list[str]:
        """What is wrong with each after: and before: of the text that was read as words."""
        query = self.hits.understood
        errors = []
        for clause in query.clauses:
            typed = _DATE_OPERATOR_PATTERN.fullmatch(query.text[clause.start : clause.end])
            if typed and not isinstance(clause.node, Since | Until):
                try:
                    read_period(typed["day"].strip('"'))
                except UnreadableDateError as error:
                    errors.append(str(error))
        return errors

    @property
    def search_limit_note(self) -> str:
        """How much of a long text was searched for, in words; "" where it was all of it."""
        return describe_query_limits() if self.hits.understood.is_cut else ""

    @cached_property
    def relaxations(self) -> Relaxations:
        return find_relaxations(self)

    @property
    def synonyms_by_typed_term(self) -> list[tuple[str, list[str]]]:
        """The terms typed that have other names, each with the names looked for as well."""
        names: dict[str, list[str]] = {}
        for typed, other in self.hits.synonyms_used:
            names.setdefault(typed, []).append(other)
        return list(names.items())

    @cached_property
    def active_filters(self) -> list[ActiveFilter]:
        active = [
            ActiveFilter(
                label=FACET_LABELS[name],
                value_label=self.value_label(name, present),
                remove_url=self.toggled_url(name, value),
                is_unknown=name in AUTHORITIES and (name, present) not in self.value_labels,
            )
            for name, values in self.filterset.chosen_values().items()
            for value in values
            for present in [self.filterset.current_slug(name, value)]
        ]
        for name in DATE_PARAMETERS:
            label = self.filterset.filters[name].label
            if day := self.filterset.chosen_value(name):
                active.append(ActiveFilter(label, long_date(day), self.url(without=(name,))))
        if since := self.filterset.chosen_value("updated_since"):
            when = moment_in_words(since, with_zone=True)
            active.append(
                ActiveFilter(gettext("Changed since"), when, self.url(without=("updated_since",)))
            )
        return active

    def heading_with_query(self, heading: str, *, besides: str = "") -> str:
        """Return `heading` with the query and filters: “Sessions with “nato”, Topic: Cyber, page 2”.

        Titles, bookmarks and subscriptions are told apart by it. `besides` is the label of a
        filter that the heading names itself.
        """
        asked: dict[str, list[str]] = {}
        for active in self.active_filters:
            if active.label != besides:
                asked.setdefault(active.label, []).append(active.value_label)
        text = " ".join((self.filterset.chosen_value("q") or "").split())
        if text and self.hits.understood.clauses:
            heading = gettext("%(heading)s with “%(text)s”") % {"heading": heading, "text": text}
        parts = [
            str(heading),
            *(
                gettext("%(label)s: %(value)s") % {"label": label, "value": joined_with_or(values)}
                for label, values in asked.items()
            ),
        ]
        if self.hits.page > 1:
            parts.append(gettext("page %(number)s") % {"number": self.hits.page})
        return ", ".join(parts)

    @property
    def name(self) -> str:
        return self.heading_with_query(self.kind.heading)

    @property
    def requirement_and_filter_count(self) -> int:
        return len(self.query_requirements) + len(self.active_filters)

    @cached_property
    def page_links(self) -> list[PageLink | None]:
        """Links to the first, last and nearby pages; None where numbers are left out."""
        current, last = self.hits.page, self.hits.page_count
        shown = sorted({1, last, *range(max(1, current - 2), min(last, current + 2) + 1)})
        links: list[PageLink | None] = []
        for before, number in zip([0, *shown], shown, strict=False):
            if number - before > 1:
                links.append(None)
            links.append(PageLink(number, self.page_url(number), number == current))
        return links if last > 1 else []

    @property
    def previous_url(self):
        return self.page_url(self.hits.page - 1) if self.hits.page > 1 else ""

    @property
    def next_url(self):
        return self.page_url(self.hits.page + 1) if self.hits.page < self.hits.page_count else ""

    @property
    def suggestion_url(self):
        return self.url(q=[self.hits.suggestion]) if self.hits.suggestion else ""

    @property
    def chosen_sort(self):
        return self.filterset.chosen_value("sort") or (
            "relevance" if self.hits.understood.clauses else "newest"
        )

    @property
    def chosen_per_page(self) -> int:
        return int(self.filterset.chosen_value("per_page") or DEFAULT_PAGE_SIZE)

    @property
    def unusable_values(self):
        """(label, messages) of values that could not be used, except dates, whose messages are at their fields.

        A facet with values also shows the message next to them.
        """
        return [
            (self.form.fields[name].label, messages)
            for name, messages in self.filterset.errors.items()
            if name not in DATE_PARAMETERS
        ]
