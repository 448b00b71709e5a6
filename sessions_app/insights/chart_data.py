"""Common parts of the charts of /insights/: printing, links and names.

A number is the total of the list its link leads to: the filters of the page, with the mark's value
as the only one of its filter. Where values of a chart's own filter are chosen, it shows those alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from sessions_app.catalogue import charts
from sessions_app.catalogue.authorities import names_by_slug
from sessions_app.catalogue.result_list import ResultList
from site_app.text.numbers import with_separators

PARAMETERS_LEFT_OUT_OF_LINKS = ("sort", "per_page", "group")


@dataclass
class ChartData:
    """What a chart prints, and its numbers as a table: columns, and rows of texts and numbers."""

    columns: list[str]
    rows: list[list]
    is_empty: bool = False
    notes: list[str] = field(default_factory=list)  # what is omitted, and how much of it
    parts: dict = field(default_factory=dict)  # context for the template


def filtered_list_url(result_list: ResultList, **values: str) -> str:
    """Return the list of `result_list`'s records with these values as the only ones of their filters."""
    changes = {name: [value] for name, value in values.items()}
    query = result_list.query_string(without=PARAMETERS_LEFT_OUT_OF_LINKS, **changes)
    return f"{reverse(result_list.kind.list_url)}{'?' * bool(query)}{query}"


def names_by_filter_and_slug(**slugs: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return {(filter, slug): name}, the slug where there is no name; one query."""
    known = names_by_slug(slugs)
    return {
        (name, slug): known.get((name, slug), slug)
        for name, found in slugs.items()
        for slug in found
    }


def note_on_omitted_rows(shown: int, total: int, what: str) -> list[str]:
    """Say that only the `shown` most frequent of `total` are shown; nothing when all are."""
    if shown >= total:
        return []
    text = _(
        "The %(shown)s with the most sessions of %(total)s %(what)s; the filters choose others."
    )
    return [text % {"shown": shown, "total": with_separators(total), "what": what}]


def year_axis_context(first: int, last: int, highest: int) -> dict:
    """Return what a template prints of the axes of `charts.year_row_svg` with these arguments."""
    return {
        "first_year": last - charts.year_slot_count(first, last) + 1,
        "last_year": last,
        "highest": highest,
    }
