"""Columns of an index in memory: dates, orders and facets of every document, as NumPy arrays.

They make counting and ordering independent of how many documents match. Each document is a row; rows
are sorted by key. Arrays are immutable: `with_rows_replaced` creates new ones, so that readers are not affected.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .tantivy_index import KEYS_PER_BLOCK, StoredRow

# Represent "no date": outside every date range.
NO_FIRST_DAY, NO_LAST_DAY = np.iinfo(np.int32).max, np.iinfo(np.int32).min
UNKNOWN_MOMENT = np.iinfo(np.int64).min
MOMENT_COLUMNS = ("published_at", "updated_at", "true_from")


class SortedTexts(Sequence[str]):
    """Sorted texts in one block of memory.

    As objects they would lie among the remains of all that was read with them, and keep it from
    being given back: for 100,000 sessions some 40 MB.
    """

    def __init__(self, texts: Iterable[str] = ()):
        pieces = [text.encode("utf-8", "surrogatepass") for text in texts]
        self._joined = b"".join(pieces)
        self._ends = np.cumsum([0, *map(len, pieces)], dtype=np.int64)

    def __len__(self):
        return len(self._ends) - 1

    def __getitem__(self, at):
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self._joined[self._ends[at] : self._ends[at + 1]].decode("utf-8", "surrogatepass")

    def place_of(self, text: str) -> int | None:
        at = bisect_left(self, text)
        return at if at < len(self) and self[at] == text else None


@dataclass(frozen=True)
class FacetColumn:
    """Values of one facet: entry i says that row rows[i] has the value values[ids[i]]."""

    values: SortedTexts  # sorted, so that ids have the same order as values
    rows: np.ndarray
    ids: np.ndarray

    @cached_property
    def totals(self) -> np.ndarray:
        return np.bincount(self.ids, minlength=len(self.values))

    @property
    def number_of_values(self) -> int:
        """The number of values in use; the last row with a value may have been removed."""
        return int(np.count_nonzero(self.totals))

    def total(self, value: str) -> int:
        at = self.values.place_of(value)
        return 0 if at is None else int(self.totals[at])

    def counts(self, mask: np.ndarray) -> np.ndarray:
        """Return how many of the rows in `mask` have each value."""
        if mask.all():
            return self.totals
        return np.bincount(self.ids[mask[self.rows]], minlength=len(self.values))

    def merged(
        self, other: FacetColumn, new_row: np.ndarray, other_row: np.ndarray
    ) -> FacetColumn:
        """Return the entries of both; `new_row` maps our rows to their new positions, -1 if removed."""
        values = self.values
        if any(values.place_of(value) is None for value in other.values):
            values = SortedTexts(sorted({*values, *other.values}))
        places = new_row[self.rows]
        kept = places >= 0
        rows = np.concatenate([places[kept], other_row[other.rows]]).astype(np.int32)
        ids = np.concatenate(
            [
                _renumbered_ids(self.ids[kept], self.values, values),
                _renumbered_ids(other.ids, other.values, values),
            ]
        )
        return FacetColumn(values, rows, ids)


def _renumbered_ids(
    ids: np.ndarray, old_values: SortedTexts, new_values: SortedTexts
) -> np.ndarray:
    if old_values is new_values:
        return ids
    place = {value: index for index, value in enumerate(new_values)}
    return np.array([place[value] for value in old_values], np.int32)[ids]


@dataclass(frozen=True)
class Columns:
    keys: np.ndarray  # int64, ascending
    first_day: np.ndarray  # int32 ordinals
    last_day: np.ndarray
    length: np.ndarray  # int32, number of words
    published_at: np.ndarray  # int64 microseconds, UNKNOWN_MOMENT if unknown
    updated_at: np.ndarray
    true_from: np.ndarray
    newest: np.ndarray  # all rows: newest first, undated ones last, then by slug
    by_title: np.ndarray  # all rows by title, then by date and slug
    facets: Mapping[str, FacetColumn]
    # The position of a row in a bitmap of the engine, see tantivy_index.matching_keys_as_bitmap.
    blocks: np.ndarray  # distinct blocks, ascending
    block_of_row: np.ndarray
    bit_of_row: np.ndarray

    def __len__(self):
        return len(self.keys)

    @staticmethod
    def from_stored_rows(stored_rows: Iterable[tuple[int, StoredRow]]) -> Columns:
        """Return the columns for (key, stored_row) pairs in ascending order of key."""
        building = _ColumnsBuilder()
        for key, stored_row in stored_rows:
            building.add(key, stored_row)
        return building.build()

    def with_rows_replaced(
        self,
        keys: Sequence[int],
        stored_rows: Sequence[tuple[int, StoredRow]],
        stored_row_of_key: Callable[[int], StoredRow],
    ) -> Columns:
        """Return the columns with the rows of `keys` replaced by those of `stored_rows`.

        `stored_row_of_key` reads the stored_row of a row that stays; some seventeen are read for each new
        stored_row, to find its place in the orders.
        """
        stored_rows = sorted(stored_rows)
        kept = ~np.isin(self.keys, np.array(list(keys), np.int64))
        added = Columns.from_stored_rows(stored_rows)
        all_keys = np.concatenate([self.keys[kept], added.keys])
        order = np.argsort(all_keys, kind="stable")
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        kept_count = int(kept.sum())
        new_row = np.full(len(self), -1, np.int32)
        new_row[kept] = place[:kept_count]
        added_row = place[kept_count:]

        def numbers(ours, theirs):
            return np.concatenate([ours[kept], theirs])[order]

        def inserted(ours, order_of):
            rows = new_row[ours]
            rows = rows[rows >= 0]
            keys_in_order = all_keys[order]
            for row, (_key, stored_row) in zip(added_row, stored_rows, strict=True):
                at = bisect_left(
                    rows,
                    order_of(stored_row),
                    key=lambda r: order_of(stored_row_at(r, keys_in_order)),
                )
                rows = np.insert(rows, at, row)
            return rows

        new_stored_rows = {
            int(row): stored_row
            for row, (_key, stored_row) in zip(added_row, stored_rows, strict=True)
        }

        def stored_row_at(row, keys_in_order):
            return new_stored_rows.get(int(row)) or stored_row_of_key(int(keys_in_order[row]))

        empty = FacetColumn(SortedTexts(), np.array([], np.int32), np.array([], np.int32))
        return _assemble_columns(
            all_keys[order],
            {
                name: numbers(getattr(self, name), getattr(added, name))
                for name in ("first_day", "last_day", "length", *MOMENT_COLUMNS)
            },
            inserted(self.newest, newest_sort_key),
            inserted(self.by_title, title_sort_key),
            {
                name: self.facets.get(name, empty).merged(
                    added.facets.get(name, empty), new_row, added_row
                )
                for name in {*self.facets, *added.facets}
            },
        )

    def mask_of_all_rows(self) -> np.ndarray:
        return np.ones(len(self), bool)

    def mask_of_bitmap(self, blocks: Iterable[tuple[int, int]]) -> np.ndarray:
        """Return the rows of the engine's bitmap; blocks without a row are skipped."""
        pairs = list(blocks)
        bits = np.zeros(len(self.blocks), np.int64)
        if pairs and len(self.blocks):
            at = np.searchsorted(self.blocks, [block for block, _bits in pairs])
            at = np.minimum(at, len(self.blocks) - 1)
            known = self.blocks[at] == np.array([block for block, _bits in pairs])
            bits[at[known]] = np.array([bits for _block, bits in pairs], np.int64)[known]
        return (bits[self.block_of_row] >> self.bit_of_row & 1).astype(bool)

    def mask_with_any(self, facet: str, values: Iterable[str]) -> np.ndarray:
        """Return the rows that have at least one of the values."""
        mask = np.zeros(len(self), bool)
        if column := self.facets.get(facet):
            wanted = [
                number for value in values if (number := column.values.place_of(value)) is not None
            ]
            mask[column.rows[np.isin(column.ids, wanted)]] = True
        return mask

    def mask_on_or_after(self, day: int) -> np.ndarray:
        return self.last_day >= day

    def mask_on_or_before(self, day: int) -> np.ndarray:
        return self.first_day <= day

    def mask_updated_since(self, moment: int) -> np.ndarray:
        return self.updated_at >= moment

    @cached_property
    def latest_true_from(self) -> int:
        """The moment from which all rows may be shown."""
        return int(self.true_from.max(initial=UNKNOWN_MOMENT))

    def mask_true_at(self, moment: int) -> np.ndarray:
        return self.true_from <= moment

    def ordered_rows(self, mask: np.ndarray, order: str) -> np.ndarray:
        """Return the rows of `mask` in one of the orders newest, oldest, title, published."""
        if order == "title":
            return self.by_title[mask[self.by_title]]
        rows = self.newest[mask[self.newest]]
        if order == "oldest":
            return rows[np.argsort(self.first_day[rows], kind="stable")]
        if order == "published":
            return rows[np.argsort(-self.published_at[rows], kind="stable")]
        return rows

    def positions_in_newest_order(self) -> np.ndarray:
        """Return each row's position in the order newest, which breaks all ties."""
        places = np.empty(len(self), np.int32)
        places[self.newest] = np.arange(len(self), dtype=np.int32)
        return places


def newest_sort_key(stored_row: StoredRow) -> tuple:
    """Return the sort key of the order newest: later first days first, none last, then slug."""
    return (-stored_row.first_day if stored_row.first_day else 0, stored_row.slug)


def title_sort_key(stored_row: StoredRow) -> tuple:
    return (stored_row.title, *newest_sort_key(stored_row))


class _ColumnsBuilder:
    """Columns under construction, in compact arrays, because an archive may have a million rows."""

    def __init__(self):
        self.keys = array("q")
        self.days = {name: array("i") for name in ("first_day", "last_day")}
        self.lengths = array("i")
        self.moments = {name: array("q") for name in MOMENT_COLUMNS}
        self.slugs: list[str] = []
        self.titles: list[str] = []
        self.facets: dict[str, tuple[dict[str, int], array, array]] = {}

    def add(self, key: int, stored_row: StoredRow) -> None:
        row = len(self.keys)
        self.keys.append(key)
        self.days["first_day"].append(
            NO_FIRST_DAY if stored_row.first_day is None else stored_row.first_day
        )
        self.days["last_day"].append(
            NO_LAST_DAY if stored_row.last_day is None else stored_row.last_day
        )
        self.lengths.append(stored_row.length)
        for name, moments in self.moments.items():
            moment = getattr(stored_row, name)
            moments.append(UNKNOWN_MOMENT + 1 if moment is None else moment)
        self.slugs.append(stored_row.slug)
        self.titles.append(stored_row.title)
        for name, values in stored_row.facets.items():
            if values:
                numbers, rows, ids = self.facets.setdefault(name, ({}, array("i"), array("i")))
                for value in values:
                    rows.append(row)
                    ids.append(numbers.setdefault(value, len(numbers)))

    def build(self) -> Columns:
        days = {name: np.array(values, np.int32) for name, values in self.days.items()}
        moments = {name: np.array(values, np.int64) for name, values in self.moments.items()}
        # The orders of newest_sort_key and title_sort_key for all rows at once.
        backwards = -np.where(days["first_day"] == NO_FIRST_DAY, 0, days["first_day"])
        newest = np.lexsort((_ranks_of_texts(self.slugs), backwards))
        place = np.empty(len(newest), np.int32)
        place[newest] = np.arange(len(newest), dtype=np.int32)
        by_title = np.lexsort((place, _ranks_of_texts(self.titles)))
        return _assemble_columns(
            np.array(self.keys, np.int64),
            {**days, "length": np.array(self.lengths, np.int32), **moments},
            newest.astype(np.int32),
            by_title.astype(np.int32),
            {name: _facet_column(*pieces) for name, pieces in self.facets.items()},
        )


def _ranks_of_texts(texts: list[str]) -> np.ndarray:
    """Return each text's rank among the distinct texts."""
    place = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    return np.fromiter((place[text] for text in texts), np.int32, len(texts))


def _facet_column(numbers: dict[str, int], rows: array, ids: array) -> FacetColumn:
    values = sorted(numbers)
    new_number = np.empty(len(values), np.int32)
    for place, value in enumerate(values):
        new_number[numbers[value]] = place
    return FacetColumn(
        SortedTexts(values), np.array(rows, np.int32), new_number[np.array(ids, np.int32)]
    )


def _assemble_columns(keys, numbers: dict[str, np.ndarray], newest, by_title, facets) -> Columns:
    blocks, block_of_row = np.unique(keys // KEYS_PER_BLOCK, return_inverse=True)
    bit_of_row = (keys % KEYS_PER_BLOCK).astype(np.int8)
    return Columns(
        keys=keys,
        newest=newest,
        by_title=by_title,
        facets=facets,
        blocks=blocks,
        block_of_row=block_of_row.astype(np.int32),
        bit_of_row=bit_of_row,
        **numbers,
    )
