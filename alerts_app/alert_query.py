"""The query an alert follows: read by the same filters as the list it was taken from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from search_app.api import matching_ids
from search_app.criteria_and_hits import Criteria
from sessions_app.catalogue.authorities import (
    AUTHORITIES,
    current_slugs_of_renamed,
    names_by_slug,
    slugs_of_public_entries,
)
from sessions_app.catalogue.facets import FACET_LABELS
from sessions_app.catalogue.filters import DATE_PARAMETERS, HAS_CHOICES, ListFilter
from sessions_app.catalogue.list_kinds import LIST_KINDS_BY_NAME, ListKind
from site_app.text.dates import long_date
from site_app.text.enumerations import joined_with_and, joined_with_or

MAX_STORED_QUERY_CHARACTERS = 1500  # PostgreSQL must be able to index it


@dataclass(frozen=True)
class AlertQuery:
    """A query string put to one of the lists; values that cannot be used are left out."""

    kind: ListKind
    given: QueryDict

    @classmethod
    def from_stored(cls, kind: str, text: str) -> "AlertQuery":
        """Return the query of a stored alert."""
        return cls(LIST_KINDS_BY_NAME[kind], QueryDict(text))

    @cached_property
    def filterset(self) -> ListFilter:
        filterset = self.kind.filter_class(self.given)
        filterset.is_valid()
        return filterset

    @cached_property
    def current_facet_values(self) -> dict[str, tuple[str, ...]]:
        """The values of each facet, old slugs as their successors."""
        return self.filterset.chosen_values_with_current_slugs()

    @cached_property
    def canonical_query_string(self) -> str:
        """The query in the one form in which it is stored: order, page and repeats left out."""
        parts = [("q", self.search_text)] if self.search_text else []
        for name in sorted(self.current_facet_values):
            parts += [(name, value) for value in sorted(self.current_facet_values[name])]
        for name in DATE_PARAMETERS:
            if day := self.filterset.chosen_value(name):
                parts.append((name, day.isoformat()))
        return urlencode(parts)

    @cached_property
    def _authority_labels(self) -> dict[tuple[str, str], str]:
        return names_by_slug(
            {
                name: slugs_of_public_entries(name, slugs)
                for name, slugs in self.current_facet_values.items()
                if name in AUTHORITIES
            }
        )

    @cached_property
    def labels_and_values(self) -> list[tuple[str, str]]:
        """The query as (label, values); empty for the whole list."""
        said = []
        if self.search_text:
            said.append((gettext("Words"), self.search_text))
        for name in self.filterset.facet_names:
            if values := self.current_facet_values.get(name):
                join = joined_with_and if name == "has" else joined_with_or
                said.append((FACET_LABELS[name], join(self._value_label(name, v) for v in values)))
        for name in DATE_PARAMETERS:
            if day := self.filterset.chosen_value(name):
                said.append((self.filterset.filters[name].label, long_date(day)))
        return said

    @property
    def search_text(self) -> str:
        """The search text of the query."""
        return " ".join((self.filterset.chosen_value("q") or "").split())

    @property
    def filter_parts_with_labels(self) -> list[tuple[str, str]]:
        """Each other requirement as (its part of the query string, the same in words)."""
        found = [
            (urlencode([(name, value)]), f"{FACET_LABELS[name]}: {self._value_label(name, value)}")
            for name in self.filterset.facet_names
            for value in self.current_facet_values.get(name, ())
        ]
        for name in DATE_PARAMETERS:
            if day := self.filterset.chosen_value(name):
                label = self.filterset.filters[name].label
                found.append((urlencode([(name, day.isoformat())]), f"{label}: {long_date(day)}"))
        return found

    def _value_label(self, name, value):
        if name == "has":
            return dict(HAS_CHOICES)[value]
        return self._authority_labels.get((name, value), value)

    @property
    def messages_of_unusable_values(self) -> list[tuple[str, list[str]]]:
        """(label, messages) of the values that cannot be used."""
        return [
            (self.filterset.form.fields[name].label, messages)
            for name, messages in self.filterset.errors.items()
        ]

    @cached_property
    def why_never_usable(self) -> str:
        """Why nothing can ever be found, or the query not be kept; empty if all is well."""
        if len(self.canonical_query_string) > MAX_STORED_QUERY_CHARACTERS:
            return gettext("This search is too long for an alert.")
        if self.filterset.dates_are_reversed:
            return gettext(
                "Nothing can be found: the date in “From” is later than the date in “To”."
            )
        for name, values in self.current_facet_values.items():
            if name in AUTHORITIES and not any(
                (name, value) in self._authority_labels for value in values
            ):
                return gettext(
                    "Nothing can be found: the archive has no “%(value)s” (%(label)s)."
                ) % {
                    "label": FACET_LABELS[name],
                    "value": ", ".join(values),
                }
        return ""

    @property
    def is_usable(self) -> bool:
        return self.filterset.is_valid() and not self.why_never_usable

    def keys_of_results_changed_since(self, since: datetime) -> list[int]:
        """Return the keys of what the query finds, changed since then, the latest published first.

        Becoming public is a change: the search index need not return a whole archive.
        """
        return list(matching_ids(self.criteria_of_results_changed_since(since)))

    def criteria_of_results_changed_since(self, since: datetime) -> Criteria:
        return self.filterset.criteria(updated_since=since, sort="published")

    def list_url(self, **more) -> str:
        """Return the address of the list, with further parameters."""
        query = "&".join(part for part in (self.canonical_query_string, urlencode(more)) if part)
        return reverse(self.kind.list_url) + (f"?{query}" if query else "")


def preload_labels_of_queries(queries: Iterable[AlertQuery]) -> None:
    """Load the names used in several queries, with as many database queries as for one."""
    queries = list(queries)
    chosen = _merge_authority_slugs(query.filterset.chosen_values() for query in queries)
    present = current_slugs_of_renamed(chosen)
    for query in queries:
        query.filterset.current_slugs_of_renamed = present
    shown = _merge_authority_slugs(query.current_facet_values for query in queries)
    found = names_by_slug(
        {name: slugs_of_public_entries(name, slugs) for name, slugs in shown.items()}
    )
    for query in queries:
        query.__dict__["_authority_labels"] = found


def _merge_authority_slugs(choices: Iterable[Mapping[str, Iterable[str]]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for chosen in choices:
        for name in AUTHORITIES.keys() & chosen.keys():
            found.setdefault(name, {}).update(dict.fromkeys(chosen[name]))
    return {name: list(values) for name, values in found.items()}


def alert_query_of_list_url(address: str) -> AlertQuery | None:
    """Return the query of a list's address as a browser shows it; None for any other address."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    for kind in LIST_KINDS_BY_NAME.values():
        if parts.path == reverse(kind.list_url):
            return AlertQuery(kind, QueryDict(parts.query[: 2 * MAX_STORED_QUERY_CHARACTERS]))
    return None
