"""The addresses that a list of sessions or recommendations links to."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from search_app.query.parser import MAX_QUERY_CHARACTERS

from .filters import DATE_PARAMETERS, MAX_VALUES_PER_PARAMETER, ListFilter

PAGING_PARAMETERS = ("page",)
# Parameters of some views, in addition to the filters.
VIEW_PARAMETERS = {"group", "facets", "facet_limit"}
DATE_AND_CHANGE_FILTERS = (*DATE_PARAMETERS, "updated_since")
RECENT_YEARS_OFFERED = 5


@dataclass
class ListAddresses:
    """One query string at one address, and the addresses that differ from it; without a search."""

    query: QueryDict
    path: str
    filterset: ListFilter

    @property
    def is_filtered(self) -> bool:
        """Whether there is any query or filter; search engines must not index such pages."""
        return bool(self.query)

    def url(self, *, without=(), **changes) -> str:
        """Return this list's address with parameters replaced (lists of values) or left out.

        The page number always goes: another list starts at its beginning.
        """
        query = self.query_string(without=without, **changes)
        return f"{self.path}?{query}" if query else self.path

    def query_string(self, *, without=(), **changes) -> str:
        """Return the query string of `url`. A page has some forty: this avoids copies of QueryDict."""
        asked = dict(self.query_for_links)
        for name in (*PAGING_PARAMETERS, *without):
            asked.pop(name, None)
        for name, values in changes.items():
            asked[name] = [value for value in values if value]
        return urlencode(asked, doseq=True)

    @cached_property
    def query_for_links(self) -> dict[str, list[str]]:
        """The parameters that links preserve: known ones with usable values.

        Each of a page's hundred links contains them; values beyond the limits are omitted.
        """
        known = self.filterset.parameter_names() | VIEW_PARAMETERS
        return {
            name: [value[:MAX_QUERY_CHARACTERS] for value in values]
            for name, values in self.query.lists()
            if name in known and len(values) <= MAX_VALUES_PER_PARAMETER
        }

    def url_with_only(self, parameters: dict[str, list[str]]) -> str:
        """Return the address of this list with only these parameters."""
        return self.url(
            without=("q", *self.filterset.facet_names, *DATE_AND_CHANGE_FILTERS), **parameters
        )

    def toggled_url(self, name: str, value: str) -> str:
        values = self.query.getlist(name)
        if value in values:
            return self.url(**{name: [other for other in values if other != value]})
        # Years and dates are one filter, so that the list behind a year's count has that many
        # results.
        replaced = DATE_PARAMETERS if name == "year" else ()
        return self.url(without=replaced, **{name: [*values, value]})

    def page_url(self, number: int) -> str:
        return self.url(page=[str(number)]) if number > 1 else self.url()

    @cached_property
    def export_query(self) -> str:
        """The query string of exports and feeds of this list: everything except page and size.

        Dates are in the format that those require, whatever was typed.
        """
        days = {name: [day] for name, day in self._chosen_days.items() if name in self.query}
        return self.query_string(without=("per_page",), **days)

    @property
    def export_query_with_fixed_values(self) -> str:
        """The same for addresses that do not imply what the page's own implies (an entry's)."""
        query = self.filterset.data.copy()
        for name in ("page", "per_page"):
            query.pop(name, None)
        for name, day in self._chosen_days.items():
            query[name] = day
        return query.urlencode()

    @cached_property
    def _chosen_days(self) -> dict[str, str]:
        """The dates of the filter, as days in ISO form."""
        days = {name: self.filterset.chosen_value(name) for name in DATE_PARAMETERS}
        return {name: day.isoformat() for name, day in days.items() if day}

    @cached_property
    def swapped_dates_url(self) -> str:
        """This list with its dates the other way round, where the first comes after the last."""
        if not self.filterset.dates_are_reversed:
            return ""
        first, last = (self.query.get(name, "") for name in DATE_PARAMETERS)
        return self.url(date_after=[last], date_before=[first])

    @property
    def recent_years_url(self) -> str:
        """This list from the beginning of the last LAST_YEARS years on."""
        first = timezone.localdate().year - RECENT_YEARS_OFFERED + 1
        return self.url(without=("year", *DATE_PARAMETERS), date_after=[str(first)])

    @property
    def all_years_url(self) -> str:
        """This list without a limit of time, where it has one."""
        names = ("year", *DATE_PARAMETERS)
        is_limited = any(self.filterset.chosen_value(name) for name in names)
        return self.url(without=names) if is_limited else ""

    @property
    def feed_url_without_extension(self) -> str:
        """The address of this list's feeds, without the extension."""
        return f"{self.path}feed"

    @property
    def hidden_inputs_of_filter_form(self) -> list[tuple[str, str]]:
        """Parameters without a control in the filter form, which it passes on unchanged.

        Years are set by the histogram's links.
        """
        names = ("year", "updated_since", "group", "sort", "per_page")
        return [
            (name, value) for name in names for value in self.query.getlist(name) if value.strip()
        ]

    @property
    def hidden_inputs_of_sort_form(self):
        """All of the query string but page, size and order, for the form that sets those."""
        left_out = (*PAGING_PARAMETERS, "per_page", "sort")
        return [
            (name, value)
            for name, values in self.query_for_links.items()
            if name not in left_out
            for value in values
        ]
