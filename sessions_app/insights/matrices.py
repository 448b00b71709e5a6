"""Tables of two kinds of authority records, or of one by year: each cell a number and its list."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from search_app.api import value_combination_counts
from search_app.index.cross_counts import FacetAxis
from sessions_app.catalogue.authorities import AUTHORITIES
from sessions_app.catalogue.result_list import ResultList

from .chart_data import (
    ChartData,
    filtered_list_url,
    names_by_filter_and_slug,
    note_on_omitted_rows,
)

MAX_ORGANISATIONS, MAX_TOPICS = 12, 8
MAX_SERIES, MAX_SERIES_SHOWN_BY_YEAR, MAX_YEARS_SHOWN = 8, 2, 12
CELL_SHADES = 5


@dataclass(frozen=True)
class MatrixCell:
    count: int
    url: str
    level: int = 0  # 0: blank; otherwise the shade, 1 to CELL_SHADES


@dataclass(frozen=True)
class MatrixRow:
    name: str
    url: str
    cells: list[MatrixCell]


@dataclass(frozen=True)
class Matrix:
    caption: str
    corner: str  # says what the rows are
    columns: list[tuple[str, str]]  # (name, URL)
    rows: list[MatrixRow]


def build_matrix(result_list, caption, rows, columns, counts, names, **within: str) -> Matrix:
    """Return counts as a table of links; `rows` and `columns` are (filter, slugs).

    `within` holds further values of filters, which all of the numbers are of: series="briefings".
    """
    (row_filter, row_values), (column_filter, column_values) = rows, columns
    highest = max(int(counts.max(initial=1)), CELL_SHADES)

    def cell(row, column, count):
        if not count:
            return MatrixCell(0, "")
        url = filtered_list_url(result_list, **within, **{row_filter: row, column_filter: column})
        return MatrixCell(count, url, -(-count * CELL_SHADES // highest))

    def named_link(facet, value):
        return names.get((facet, value), value), filtered_list_url(
            result_list, **within, **{facet: value}
        )

    return Matrix(
        caption=caption,
        corner=str(AUTHORITIES[row_filter].label),
        columns=[named_link(column_filter, value) for value in column_values],
        rows=[
            MatrixRow(
                *named_link(row_filter, row),
                [
                    cell(row, column, int(count))
                    for column, count in zip(column_values, counts[place], strict=True)
                ],
            )
            for place, row in enumerate(row_values)
        ],
    )


def organisation_topic_chart(result_list: ResultList) -> ChartData:
    """Return how many sessions of each topic somebody spoke at for each organisation."""
    crossed = value_combination_counts(
        result_list.criteria,
        (FacetAxis("organisation", MAX_ORGANISATIONS), FacetAxis("topic", MAX_TOPICS)),
    )
    organisations, topics = crossed.axes
    names = names_by_filter_and_slug(organisation=organisations.values, topic=topics.values)
    is_empty = not crossed.counts.size
    matrix = build_matrix(
        result_list,
        _("Sessions by organisation and topic"),
        ("organisation", organisations.values),
        ("topic", topics.values),
        crossed.counts,
        names,
    )
    return ChartData(
        columns=[_("Organisation"), *(name for name, _url in matrix.columns)],
        rows=[[row.name, *(cell.count for cell in row.cells)] for row in matrix.rows],
        is_empty=is_empty,
        notes=note_on_omitted_rows(
            len(organisations.values), organisations.value_count, _("organisations")
        )
        + note_on_omitted_rows(len(topics.values), topics.value_count, _("topics")),
        parts={"matrices": [] if is_empty else [matrix]},
    )


def _note_on_later_start(span: range, covered: list[str]) -> list[str]:
    """Say that the tables by year begin later than the sessions; nothing when they do not."""
    if len(covered) == len(span):
        return []
    text = _("The tables by year begin in %(year)s; the CSV has all years from %(first)s on.")
    return [text % {"year": covered[0], "first": f"{span[0]:04}"}]


def series_coverage_chart(result_list: ResultList) -> ChartData:
    """Return series × topic, and the years of the first series, blanks and all."""
    crossed = value_combination_counts(
        result_list.criteria,
        (FacetAxis("series", MAX_SERIES), FacetAxis("topic", MAX_TOPICS), FacetAxis("year")),
    )
    plane = value_combination_counts(
        result_list.criteria, (FacetAxis("series", MAX_SERIES), FacetAxis("topic", MAX_TOPICS))
    )
    series, topics, years = crossed.axes
    names = names_by_filter_and_slug(series=series.values, topic=topics.values)
    is_empty = not plane.counts.size
    matrices = [
        build_matrix(
            result_list,
            _("Sessions by series and topic"),
            ("series", series.values),
            ("topic", topics.values),
            plane.counts,
            names,
        )
    ]
    numbers = [int(year) for year in years.values]
    span = range(min(numbers), max(numbers) + 1) if numbers else ()
    covered = [f"{year:04}" for year in span[-MAX_YEARS_SHOWN:]]
    place_of = {year: place for place, year in enumerate(years.values)}
    for place, slug in enumerate(series.values[:MAX_SERIES_SHOWN_BY_YEAR]):
        by_year = np.zeros((len(topics.values), len(covered)), dtype=int)
        for column, year in enumerate(covered):
            if year in place_of:  # in other years the archive had no session
                by_year[:, column] = crossed.counts[place][:, place_of[year]]
        matrices.append(
            build_matrix(
                result_list,
                _("%(series)s: sessions by topic and year") % {"series": names["series", slug]},
                ("topic", topics.values),
                ("year", covered),
                by_year,
                names,
                series=slug,
            )
        )
    rows = [
        [names["series", one], names["topic", topic], year, int(crossed.counts[at, row, column])]
        for at, one in enumerate(series.values)
        for row, topic in enumerate(topics.values)
        for column, year in enumerate(years.values)
    ]
    return ChartData(
        columns=[_("Series"), _("Topic"), _("Year"), _("Sessions")],
        rows=rows,
        is_empty=is_empty,
        notes=note_on_omitted_rows(len(series.values), series.value_count, _("series"))
        + note_on_omitted_rows(len(topics.values), topics.value_count, _("topics"))
        + _note_on_later_start(span, covered),
        parts={"matrices": [] if is_empty else matrices},
    )
