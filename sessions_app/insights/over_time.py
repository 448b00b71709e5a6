"""How many sessions each authority record had in each year."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from search_app.api import value_combination_counts
from search_app.index.cross_counts import FacetAxis
from sessions_app.catalogue import charts
from sessions_app.catalogue.authorities import AUTHORITIES
from sessions_app.catalogue.result_list import ResultList

from .chart_data import (
    ChartData,
    filtered_list_url,
    names_by_filter_and_slug,
    note_on_omitted_rows,
    year_axis_context,
)

MAX_TRENDS = 8


@dataclass(frozen=True)
class Trend:
    """A row of a chart over time."""

    name: str
    url: str
    total: int
    peak: int
    peak_year: int | None
    drawing: SafeString


def trend_chart_builder(facet: str) -> Callable[[ResultList], ChartData]:
    """Return the chart of one kind of entry by year."""
    kind = AUTHORITIES[facet]

    def make(result_list: ResultList) -> ChartData:
        crossed = value_combination_counts(
            result_list.criteria, (FacetAxis(facet, MAX_TRENDS), FacetAxis("year"))
        )
        entries, years = crossed.axes
        names = names_by_filter_and_slug(**{facet: entries.values})
        numbers = [int(year) for year in years.values]
        first, last = min(numbers, default=0), max(numbers, default=0)
        highest = int(crossed.counts.max(initial=1))
        trends, rows = [], []
        for place, slug in enumerate(entries.values):
            counts = crossed.counts[place].tolist()
            marks = [
                charts.YearMark(
                    int(year), count, filtered_list_url(result_list, **{facet: slug, "year": year})
                )
                for year, count in zip(years.values, counts, strict=True)
                if count
            ]
            peak = max(marks, key=lambda mark: mark.count, default=None)
            name = names[facet, slug]
            trends.append(
                Trend(
                    name=name,
                    url=filtered_list_url(result_list, **{facet: slug}),
                    total=entries.totals[place],
                    peak=peak.count if peak else 0,
                    peak_year=peak.year if peak else None,
                    drawing=charts.year_row_svg(
                        _("%(name)s: sessions by year") % {"name": name},
                        marks,
                        first,
                        last,
                        highest,
                    ),
                )
            )
            rows.append([name, *counts, entries.totals[place]])
        return ChartData(
            columns=[str(kind.label), *years.values, _("All, undated ones too")],
            rows=rows,
            is_empty=not trends,
            notes=note_on_omitted_rows(len(trends), entries.value_count, str(kind.plural).lower())
            if not result_list.criteria.filters.get(facet)
            else [],
            parts={
                "trends": trends,
                **year_axis_context(first, last, highest),
            },
        )

    return make
