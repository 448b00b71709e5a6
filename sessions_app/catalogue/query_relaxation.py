"""For an empty list: which requirements to leave out, and how many results there are then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from search_app.api import count_matches
from site_app.text.enumerations import joined_with_and, joined_with_or

from .facets import FACET_LABELS
from .query_description import describe_query

if TYPE_CHECKING:
    from .result_list import ResultList

MAX_RELAXATIONS = 12
CRITERIA_WITHOUT_REQUIREMENTS = {
    "text": "",
    "filters": {},
    "required": {},
    "date_after": None,
    "date_before": None,
    "updated_since": None,
}


@dataclass(frozen=True)
class Relaxation:
    label: str
    url: str
    total: int


@dataclass(frozen=True)
class Relaxations:
    """Queries that find more: `without` one part of the query, or, if none of these does, one part `alone`.

    The query with the most results comes first; queries without results are not offered.
    """

    without: list[Relaxation] = field(default_factory=list)
    alone: list[Relaxation] = field(default_factory=list)


@dataclass(frozen=True)
class _QueryPart:
    """One requirement of a query: the fields of Criteria, and the parameters, without it and for it."""

    label: str
    without: dict
    without_url: str
    alone: dict
    alone_parameters: dict[str, list[str]]


def find_relaxations(results: ResultList) -> Relaxations:
    """Return what a reader of an empty list can try; at most two searches."""
    parts = list(_query_parts(results))[:MAX_RELAXATIONS]
    # A query without its only word would match everything, which does not help the reader.
    is_text_alone = len(parts) == 1 and bool(results.hits.understood.clauses)
    if results.hits.total or is_text_alone or not parts:
        return Relaxations()
    without = _relaxations_with_results(
        results, [(part.label, part.without, part.without_url) for part in parts]
    )
    if without or len(parts) == 1:
        return Relaxations(without)
    return Relaxations(
        alone=_relaxations_with_results(
            results,
            [
                (
                    part.label,
                    CRITERIA_WITHOUT_REQUIREMENTS | part.alone,
                    results.url_with_only(part.alone_parameters),
                )
                for part in parts
            ],
        )
    )


def _relaxations_with_results(results, tries) -> list[Relaxation]:
    counts = count_matches(
        [replace(results.criteria, **changed) for _label, changed, _url in tries]
    )
    ways = [
        Relaxation(label, url, total)
        for (label, _changed, url), total in zip(tries, counts, strict=True)
        if total
    ]
    return sorted(ways, key=lambda way: -way.total)


def _query_parts(results: ResultList) -> Iterator[_QueryPart]:
    query, criteria = results.hits.understood, results.criteria
    for clause in query.clauses:
        without, alone = query.text_without(clause), query.text[clause.start : clause.end]
        yield _QueryPart(
            describe_query(clause.node),
            {"text": without},
            results.url(q=[without]),
            {"text": alone},
            {"q": [alone]},
        )
    for parameter, chosen in (("filters", criteria.filters), ("required", criteria.required)):
        for name, values in chosen.items():
            join = joined_with_or if parameter == "filters" else joined_with_and
            joined = join(results.value_label(name, value) for value in values)
            others = {other: them for other, them in chosen.items() if other != name}
            yield _QueryPart(
                gettext("%(label)s: %(value)s") % {"label": FACET_LABELS[name], "value": joined},
                {parameter: others},
                results.url(without=(name,)),
                {parameter: {name: values}},
                {name: list(values)},
            )
    dates = {"date_after": criteria.date_after, "date_before": criteria.date_before}
    if any(dates.values()):
        yield _QueryPart(
            gettext("the dates"),
            dict.fromkeys(dates),
            results.url(without=tuple(dates)),
            dates,
            {name: [day.isoformat()] for name, day in dates.items() if day},
        )
    if since := criteria.updated_since:
        yield _QueryPart(
            gettext("the time of change"),
            {"updated_since": None},
            results.url(without=("updated_since",)),
            {"updated_since": since},
            {"updated_since": [since.isoformat()]},
        )
