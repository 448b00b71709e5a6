"""One state of an index, and searches in it. A snapshot never changes."""

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import tantivy
from django.utils import timezone

from search_app.change_log import Position
from search_app.criteria_and_hits import Criteria, FacetCount
from search_app.query import personal_titles
from search_app.query.query_ast import AnyOf, Node, Phrase, Query, map_leaves
from search_app.tokenizer import folded_words

from . import tantivy_index
from .columns import Columns
from .documents import NAME_FIELDS
from .query_compiler import QueryCompiler

# Facets that return all values, because these are few and belong together, as in a histogram.
FACETS_WITHOUT_LIMIT = ("year",)
# Additional hits, so that ties at the end of a page rarely need a second query.
EXTRA_SCORED_ROWS = 64
# A filtered result of at most this many rows is ranked by querying for exactly these rows.
MAX_ROWS_RANKED_BY_KEY = 2000
# Scores are compared to this many significant digits: the last of the engine's seven digits depends
# on how the index is split into segments.
SIGNIFICANT_SCORE_DIGITS = 5


@dataclass(frozen=True)
class IndexSnapshot:
    """The documents of one kind at one position of the change log."""

    searcher: tantivy.Searcher
    position: Position
    columns: Columns
    compiler: QueryCompiler

    def result_set(self, criteria: Criteria, query: Query) -> "ResultSet":
        return ResultSet(self, criteria, self._with_whole_names(query))

    def _with_whole_names(self, query: Query) -> Query:
        """Return the query in which a quoted value equal to a whole name means only that name."""
        sought = tuple(map_leaves(node, self._as_whole_name) for node in query.nodes_to_match)
        return replace(query, widened=sought) if sought != query.nodes_to_match else query

    def _as_whole_name(self, node: Node) -> Node:
        if not isinstance(node, Phrase) or node.field not in NAME_FIELDS:
            return node
        # Use the text: a phrase may contain fewer words.
        typed = folded_words(node.text)
        orders = (
            personal_titles.name_orders(typed)
            if node.field == personal_titles.PEOPLE_FIELD
            else [tuple(typed)]
        )
        known = [
            order
            for order in dict.fromkeys([tuple(typed), *orders])
            if self._is_whole_name(node.field, order)
        ]
        whole = tuple(replace(node, words=order, is_whole=True) for order in known)
        return AnyOf(whole) if len(whole) > 1 else whole[0] if whole else node

    def _is_whole_name(self, field: str, name: tuple[str, ...]) -> bool:
        term = tantivy.Query.term_query(
            tantivy_index.schema(), field + tantivy_index.WHOLE_NAME_FIELD_SUFFIX, "_".join(name)
        )
        return bool(self.searcher.search(term, 1).count)

    @cached_property
    def positions_in_newest_order(self) -> np.ndarray:
        return self.columns.positions_in_newest_order()

    def matching_mask(self, query: Query) -> np.ndarray:
        """Return the mask of the rows that match a query's text."""
        if not query.clauses:
            return self.columns.mask_of_all_rows()
        return self._mask_of_query(self.compiler.matching_query(query.nodes_to_match))

    def _mask_of_query(self, query: tantivy.Query) -> np.ndarray:
        return self.columns.mask_of_bitmap(
            tantivy_index.matching_keys_as_bitmap(self.searcher, query)
        )

    def stored_row(self, key: int) -> tantivy_index.StoredRow:
        return tantivy_index.parse_stored_row(tantivy_index.stored_document(self.searcher, key))

    def stored_parts(self, keys: Sequence[int]) -> dict[int, list[tantivy_index.StoredPart]]:
        """Return the stored texts of documents; missing keys are left out."""
        documents = {key: tantivy_index.stored_document(self.searcher, key) for key in keys}
        return {
            key: tantivy_index.parse_stored_parts(document)
            for key, document in documents.items()
            if document
        }


class FilterMasks(NamedTuple):
    """The filters of a query, each as a mask under the name of its facet; None: no limit."""

    masks: dict[str, np.ndarray]

    def combined_except(self, facet: str | None, text_mask: np.ndarray) -> np.ndarray:
        """Return the mask of the rows of `text_mask` within all filters except those of one facet."""
        mask = text_mask
        for name, filter_mask in self.masks.items():
            if name != facet:
                mask = mask & filter_mask
        return mask


@dataclass(frozen=True)
class ResultSet:
    """The documents that criteria select from a snapshot: counts, order, facets."""

    snapshot: IndexSnapshot
    criteria: Criteria
    query: Query

    @cached_property
    def text_mask(self) -> np.ndarray:
        return self.snapshot.matching_mask(self.query)

    @cached_property
    def filter_masks(self) -> FilterMasks:
        columns, criteria = self.snapshot.columns, self.criteria
        masks: dict[str, np.ndarray] = {}

        def limit(name, mask):
            masks[name] = masks[name] & mask if name in masks else mask

        for name, values in criteria.filters.items():
            if values:
                limit(name, columns.mask_with_any(name, values))
        now = tantivy_index.microseconds_since_1970(timezone.now())
        if (
            columns.latest_true_from > now
        ):  # read while the clock was wrong, and not read again since
            limit("true", columns.mask_true_at(now))
        # Years and dates are one filter: the histogram also shows years outside the selected dates.
        if criteria.date_after:
            limit("year", columns.mask_on_or_after(criteria.date_after.toordinal()))
        if criteria.date_before:
            limit("year", columns.mask_on_or_before(criteria.date_before.toordinal()))
        for name, values in criteria.required.items():
            for value in values:
                # A separate name, so that the next required value is counted within these results.
                limit(f"{name}=", columns.mask_with_any(name, (value,)))
        if criteria.updated_since:
            since = tantivy_index.microseconds_since_1970(criteria.updated_since)
            limit("updated since", columns.mask_updated_since(since))
        return FilterMasks(masks)

    @cached_property
    def mask(self) -> np.ndarray:
        return self.filter_masks.combined_except(None, self.text_mask)

    @cached_property
    def total(self) -> int:
        return int(np.count_nonzero(self.mask))

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return the rows from position `start` up to, but not including, `stop`."""
        order = self.criteria.order
        if order == "relevance" and self.query.has_ranking_part:
            return self._rows_by_relevance(min(stop, self.total))[start:stop]
        # Without a text all scores are equal, and ties are ordered by date.
        order = "newest" if order == "relevance" else order
        return self.snapshot.columns.ordered_rows(self.mask, order)[start:stop]

    def keys(self, start: int, stop: int) -> list[int]:
        return self.snapshot.columns.keys[self.rows(start, stop)].tolist()

    def _rows_by_relevance(self, wanted: int) -> np.ndarray:
        """Return at least the first `wanted` rows by score, then length; ties by date and slug."""
        if not wanted:
            return np.array([], np.int32)
        ranking = self.snapshot.compiler.matching_query_with_scores(self.query)
        within = None
        matching = int(np.count_nonzero(self.text_mask))
        if self.total < matching:
            if self.total <= MAX_ROWS_RANKED_BY_KEY:
                keys = self.snapshot.columns.keys[self.mask].tolist()
                ranking = _restrict_to_keys(ranking, keys)
                matching = self.total
            else:
                within = self.mask
        limit = (wanted + EXTRA_SCORED_ROWS) * matching // self.total
        while True:
            limit = min(limit, matching)
            rows, scores = self._best_scored_rows(ranking, limit)
            # Further documents may have the same score as the last hit: hits with that score are
            # final only if everything was fetched.
            settled = scores > scores[-1] if len(scores) and limit < matching else scores == scores
            if within is not None:
                settled &= within[rows]
            rows, scores = rows[settled], scores[settled]
            if len(rows) >= wanted or limit >= matching:
                # The engine stores lengths to within 12 per cent: of two documents with equal
                # score, the shorter one is more specific.
                lengths = self.snapshot.columns.length[rows]
                return rows[
                    np.lexsort((self.snapshot.positions_in_newest_order[rows], lengths, -scores))
                ]
            limit *= 4

    def _best_scored_rows(self, query: tantivy.Query, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the best rows with their rounded scores, best first."""
        hits = self.snapshot.searcher.search(query, limit, count=False).hits
        addresses = [address for _score, address in hits]
        keys = np.array(self.snapshot.searcher.fast_field_values("key", addresses), np.int64)
        rows = np.searchsorted(self.snapshot.columns.keys, keys)
        return rows, round_scores(np.array([score for score, _address in hits], np.float64))

    def facet_counts(self, name: str) -> tuple[list[FacetCount], int]:
        """Return the counted values of a facet, the most frequent first, and their number.

        Chosen values are among them even when nothing has them; those count as none.
        """
        column = self.snapshot.columns.facets.get(name)
        chosen = (*self.criteria.filters.get(name, ()), *self.criteria.required.get(name, ()))
        counts = np.array([], np.int64)
        if column:
            counts = column.counts(self.filter_masks.combined_except(name, self.text_mask))
        limit = len(counts) if name in FACETS_WITHOUT_LIMIT else self.criteria.facet_limit
        shown = {
            column.values[index]: int(counts[index])
            for index in indices_of_most_frequent(counts, limit)
        }
        for value in chosen:
            index = column.values.place_of(value) if column else None
            shown.setdefault(value, int(counts[index]) if index is not None else 0)
        ordered = sorted(shown.items(), key=lambda item: (-item[1], item[0]))
        listed = [FacetCount(value, count, value in chosen) for value, count in ordered]
        return listed, int(np.count_nonzero(counts))


def indices_of_most_frequent(counts: np.ndarray, limit: int) -> np.ndarray:
    """Return the indices of the highest counts above zero, ties by index."""
    numbers = np.flatnonzero(counts)
    if not limit:
        return numbers[:0]
    if len(numbers) > 4 * limit:
        least = np.partition(counts[numbers], len(numbers) - limit)[len(numbers) - limit]
        numbers = numbers[counts[numbers] >= least]
    return numbers[np.argsort(-counts[numbers], kind="stable")][:limit]


def round_scores(scores: np.ndarray) -> np.ndarray:
    """Return scores with SIGNIFICANT_SCORE_DIGITS significant digits."""
    positive = np.where(scores > 0, scores, 1.0)
    unit = 10.0 ** (np.floor(np.log10(positive)) - (SIGNIFICANT_SCORE_DIGITS - 1))
    return np.where(scores > 0, np.round(scores / unit) * unit, 0.0)


def _restrict_to_keys(query: tantivy.Query, keys: list[int]) -> tantivy.Query:
    """Return the query limited to documents of these keys, its scores unchanged."""
    among = tantivy.Query.term_set_query(tantivy_index.schema(), "key", keys)
    among = tantivy.Query.const_score_query(among, 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, among)])


def updated_snapshot(
    snapshot: IndexSnapshot, searcher: tantivy.Searcher, position: Position, keys: list[int]
) -> IndexSnapshot:
    """Return the snapshot of a later state, in which only the documents of `keys` differ."""
    stored_rows = [
        (key, tantivy_index.parse_stored_row(document))
        for key in sorted(keys)
        if (document := tantivy_index.stored_document(searcher, key))
    ]

    def stored_row_of_key(key):
        return tantivy_index.parse_stored_row(tantivy_index.stored_document(searcher, key))

    columns = snapshot.columns.with_rows_replaced(keys, stored_rows, stored_row_of_key)
    return replace(snapshot, searcher=searcher, position=position, columns=columns)


def read_snapshot(
    searcher: tantivy.Searcher, position: Position, compiler: QueryCompiler
) -> IndexSnapshot:
    """Return the snapshot of a state, read from its documents. This takes some seconds for a million."""
    columns = Columns.from_stored_rows(tantivy_index.all_stored_rows(searcher))
    _release_free_memory()
    return IndexSnapshot(searcher, position, columns, compiler)


def _release_free_memory() -> None:
    """Return the memory used for reading all stored rows to the system; glibc would keep it."""
    with suppress(AttributeError, OSError):  # not available in other C libraries
        ctypes.CDLL(None).malloc_trim(0)
