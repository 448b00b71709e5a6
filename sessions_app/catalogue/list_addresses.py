"""The addresses that a list of sessions or recommendations links to."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from search_app.query.parser import MAX_QUERY_CHARACTERS

from .filters import DATES, MAX_VALUES, ListFilter

PAGING = ("page",)
# Parameters of some views, in addition to the filters.
OWN_PARAMETERS = {"group", "facets", "facet_limit"}
OTHER_FILTERS = (*DATES, "updated_since")
LAST_YEARS = 5


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
        asked = dict(self.carried_query)
        for name in (*PAGING, *without):
            asked.pop(name, None)
        for name, values in changes.items():
            asked[name] = [value for value in values if value]
        return urlencode(asked, doseq=True)

    @cached_property
    def carried_query(self) -> dict[str, list[str]]:
        """The parameters that links preserve: known ones with usable values.

        Each of a page's hundred links contains them; values beyond the limits are omitted.
        """
        known = self.filterset.parameters() | OWN_PARAMETERS
        return {
            name: [value[:MAX_QUERY_CHARACTERS] for value in values]
            for name, values in self.query.lists()
            if name in known and len(values) <= MAX_VALUES
        }

    def url_of_alone(self, parameters: dict[str, list[str]]) -> str:
        """Return the address of this list with only these parameters."""
        return self.url(without=("q", *self.filterset.facet_names, *OTHER_FILTERS), **parameters)

    def toggled_url(self, name: str, value: str) -> str:
        values = self.query.getlist(name)
        if value in values:
            return self.url(**{name: [other for other in values if other != value]})
        # Years and dates are one filter, so that the list behind a year's count has that many
        # results.
        replaced = DATES if name == "year" else ()
        return self.url(without=replaced, **{name: [*values, value]})

    def page_url(self, number: int) -> str:
        return self.url(page=[str(number)]) if number > 1 else self.url()

    @cached_property
    def result_query(self) -> str:
        """The query string of exports and feeds of this list: everything except page and size.

        Dates are in the format that those require, whatever was typed.
        """
        days = {name: [day] for name, day in self._days.items() if name in self.query}
        return self.query_string(without=("per_page",), **days)

    @property
    def whole_query(self) -> str:
        """The same for addresses that do not imply what the page's own implies (an entry's)."""
        query = self.filterset.data.copy()
        for name in ("page", "per_page"):
            query.pop(name, None)
        for name, day in self._days.items():
            query[name] = day
        return query.urlencode()

    @cached_property
    def _days(self) -> dict[str, str]:
        """The dates of the filter, as days in ISO form."""
        days = {name: self.filterset.chosen(name) for name in DATES}
        return {name: day.isoformat() for name, day in days.items() if day}

    @cached_property
    def swapped_dates_url(self) -> str:
        """This list with its dates the other way round, where the first comes after the last."""
        if not self.filterset.dates_are_reversed:
            return ""
        first, last = (self.query.get(name, "") for name in DATES)
        return self.url(date_after=[last], date_before=[first])

    @property
    def last_years_url(self) -> str:
        """This list from the beginning of the last LAST_YEARS years on."""
        first = timezone.localdate().year - LAST_YEARS + 1
        return self.url(without=("year", *DATES), date_after=[str(first)])

    @property
    def all_years_url(self) -> str:
        """This list without a limit of time, where it has one."""
        names = ("year", *DATES)
        is_limited = any(self.filterset.chosen(name) for name in names)
        return self.url(without=names) if is_limited else ""

    @property
    def feed_address(self) -> str:
        """The address of this list's feeds, without the extension."""
        return f"{self.path}feed"

    @property
    def carried_on(self) -> list[tuple[str, str]]:
        """Parameters without a control in the filter form, which it passes on unchanged.

        Years are set by the histogram's links.
        """
        names = ("year", "updated_since", "group", "sort", "per_page")
        return [
            (name, value) for name in names for value in self.query.getlist(name) if value.strip()
        ]

    @property
    def hidden_inputs(self):
        """All of the query string but page, size and order, for the form that sets those."""
        left_out = (*PAGING, "per_page", "sort")
        return [
            (name, value)
            for name, values in self.carried_query.items()
            if name not in left_out
            for value in values
        ]
