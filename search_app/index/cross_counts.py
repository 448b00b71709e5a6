"""Counts of records by several facet values at once, from the columns of an index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .columns import Columns, FacetColumn
from .snapshot import ResultSet, indices_of_most_frequent


@dataclass(frozen=True)
class FacetAxis:
    """A facet to combine with others: the chosen values, or the `limit` most frequent.

    `limit` None: all values, in their own order (years).
    """

    facet: str
    limit: int | None = None


@dataclass(frozen=True)
class CountedAxis:
    """The values of an axis, the number of records with each, and the total number of values."""

    values: tuple[str, ...]
    totals: tuple[int, ...]
    value_count: int


@dataclass(frozen=True)
class CrossCounts:
    """`counts[i, j, …]`: records with value i of the first axis, value j of the second, and so on."""

    axes: tuple[CountedAxis, ...]
    counts: np.ndarray
    total: int  # records selected, with or without such values


@dataclass(frozen=True)
class ValuePairCounts:
    """Pairs of values of one facet that occur together: `first[i]` and `second[i]`, as positions in
    `values`, are both in `counts[i]` records. `totals`: records with each value.
    """

    values: Sequence[str]
    totals: np.ndarray
    first: np.ndarray
    second: np.ndarray
    counts: np.ndarray

    def pairs_with_any(self, values: Sequence[str]) -> "ValuePairCounts":
        """Return the pairs that contain one of the given values."""
        places = [place for place, value in enumerate(self.values) if value in values]
        kept = np.isin(self.first, places) | np.isin(self.second, places)
        return replace(
            self, first=self.first[kept], second=self.second[kept], counts=self.counts[kept]
        )


def count_value_combinations(result: ResultSet, axes: Sequence[FacetAxis]) -> CrossCounts:
    """Count the records of a result by all combinations of the axes' values."""
    columns, mask = result.snapshot.columns, result.mask
    chosen = [
        _ids_and_counted_axis(columns, mask, result.criteria.filters.get(axis.facet), axis)
        for axis in axes
    ]
    numbers = [numbers for numbers, _axis in chosen]
    facets = [columns.facets.get(axis.facet) for axis in axes]
    shape = tuple(map(len, numbers))
    counts = np.zeros(shape, np.int64)
    if counts.size:
        _fill_combination_counts(counts, mask, list(zip(facets, numbers, strict=True)))
    return CrossCounts(tuple(axis for _numbers, axis in chosen), counts, result.total)


def _ids_and_counted_axis(columns: Columns, mask: np.ndarray, filter_values, axis: FacetAxis):
    """Return the ids of an axis's values within its column, and the counted axis."""
    column = columns.facets.get(axis.facet)
    if column is None:
        return np.array([], np.int64), CountedAxis((), (), 0)
    counts = column.counts(mask)
    if filter_values:
        places = [column.values.place_of(value) for value in filter_values]
        numbers = np.array([place for place in places if place is not None], np.int64)
        numbers = numbers[counts[numbers] > 0]
        numbers = numbers[np.argsort(-counts[numbers], kind="stable")][: axis.limit]
    elif axis.limit is None:
        numbers = np.flatnonzero(counts)
    else:
        numbers = indices_of_most_frequent(counts, axis.limit)
    if axis.limit is None:
        numbers = np.sort(numbers)
    return numbers, CountedAxis(
        tuple(column.values[number] for number in numbers),
        tuple(counts[numbers].tolist()),
        int(np.count_nonzero(counts)),
    )


def _fill_combination_counts(
    counts: np.ndarray, mask: np.ndarray, axes: list[tuple[FacetColumn, np.ndarray]]
):
    (column, numbers), *further = axes
    if not further:
        counts[:] = column.counts(mask)[numbers]
        return
    for place, number in enumerate(numbers):
        with_value = np.zeros(len(mask), bool)
        with_value[column.rows[column.ids == number]] = True
        _fill_combination_counts(counts[place], mask & with_value, further)


def count_value_pairs(result: ResultSet, facet: str) -> ValuePairCounts:
    """Return which values of a facet occur together in the records of a result, and how often."""
    column = result.snapshot.columns.facets.get(facet)
    empty = np.array([], np.int64)
    if column is None:
        return ValuePairCounts((), empty, empty, empty, empty)
    kept = result.mask[column.rows]
    rows, numbers = column.rows[kept], column.ids[kept].astype(np.int64)
    order = np.lexsort((numbers, rows))
    rows, numbers = rows[order], numbers[order]
    pair_numbers, step = [], 1
    starts = np.arange(len(rows))
    while True:  # entries of one record are adjacent: compare neighbours, then the next but one …
        starts = starts[starts + step < len(rows)]
        starts = starts[rows[starts] == rows[starts + step]]
        if not len(starts):
            break
        pair_numbers.append(numbers[starts] * len(column.values) + numbers[starts + step])
        step += 1
    pairs, counts = np.unique(
        np.concatenate(pair_numbers) if pair_numbers else empty, return_counts=True
    )
    first, second = np.divmod(pairs, max(len(column.values), 1))
    return ValuePairCounts(column.values, column.counts(result.mask), first, second, counts)


def last_day_by_value(columns: Columns, facet: str, values: Sequence[str]) -> dict[str, int]:
    """Return {value: ordinal of the last day of its records}; undated records are left out."""
    column = columns.facets.get(facet)
    if column is None:
        return {}
    numbers = {value: column.values.place_of(value) for value in values}
    wanted = np.zeros(len(column.values), bool)
    wanted[[number for number in numbers.values() if number is not None]] = True
    kept = wanted[column.ids]
    rows, ids = column.rows[kept], column.ids[kept]
    dated = columns.last_day[rows] > 0
    last = np.zeros(len(column.values), np.int64)
    np.maximum.at(last, ids[dated], columns.last_day[rows[dated]])
    return {
        value: int(last[number])
        for value, number in numbers.items()
        if number is not None and last[number]
    }


def values_by_frequency(columns: Columns, facet: str) -> list[str]:
    """Return all values of a facet that some record has, the most frequent first."""
    column = columns.facets.get(facet)
    if column is None:
        return []
    numbers = indices_of_most_frequent(column.totals, len(column.totals))
    return [column.values[number] for number in numbers]


def year_span(columns: Columns) -> tuple[int, ...]:
    """Return the first and the last year of all records, () where none is dated."""
    years = [int(value) for value in values_by_frequency(columns, "year")]
    return (min(years), max(years)) if years else ()
