"""The interface of the search app: criteria in, keys, counts and excerpts out."""

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from django.conf import settings

from search_app.index import cross_counts
from search_app.index.cross_counts import CrossCounts, FacetAxis, ValuePairCounts
from search_app.index.document_sources import document_source, document_sources
from search_app.index.index_manager import IndexManager
from search_app.index.indexing import ProgressCallback
from search_app.index.snapshot import IndexSnapshot
from search_app.query.parser import parse_query
from search_app.results.excerpts import MatchFinder

from . import change_log, staleness
from .criteria_and_hits import Criteria, Hits, SimilarHit
from .query import synonyms
from .results import more_like_this, spelling

_index_managers: dict[str, IndexManager] = {}
_index_managers_lock = threading.Lock()


def _index_manager(kind: str) -> IndexManager:
    """Return this process's index manager of a kind; its folder is below INDEX_DIR (None: in memory)."""
    with _index_managers_lock:
        if kind not in _index_managers:
            folder = settings.INDEX_DIR / kind if settings.INDEX_DIR else None
            _index_managers[kind] = IndexManager(document_source(kind), folder)
        return _index_managers[kind]


def _current_snapshot(kind: str) -> tuple[IndexSnapshot, change_log.Position, bool]:
    """Return the snapshot of a kind, the newest change, and whether the snapshot lags behind that.

    The lag is recorded for the response too. All searches of a response that only reads answer as
    of the change that was newest when it began, unless an index is already further.
    """
    manager = _index_manager(kind)
    newest = staleness.newest_position_of_response()
    if newest is None or manager.is_newer_than(newest):
        newest = change_log.newest_position()
    snapshot, is_stale = manager.current_snapshot(newest)
    staleness.record_staleness(is_stale=is_stale)
    return snapshot, newest, is_stale


def search(criteria: Criteria) -> Hits:
    """Return one page of the records that match the criteria, with facets and excerpts.

    Sees every change committed before the call (within a request: before the request began), unless
    the answer says `stale`. A page beyond the end is the last page. Raises nothing on any text;
    KeyError for an unknown kind.
    """
    snapshot, newest, stale = _current_snapshot(criteria.kind)
    query, used = synonyms.add_synonyms(parse_query(criteria.text), synonyms.terms_as_of(newest))
    results = snapshot.result_set(criteria, query)
    total = results.total
    page_count = max(1, -(-total // criteria.per_page))
    page = min(max(criteria.page, 1), page_count)
    keys = results.keys((page - 1) * criteria.per_page, page * criteria.per_page)
    counted = {name: results.facet_counts(name) for name in criteria.facets}
    return Hits(
        keys=keys,
        total=total,
        page=page,
        page_count=page_count,
        facets={name: counts for name, (counts, _number) in counted.items()},
        facet_totals={name: number for name, (_counts, number) in counted.items()},
        known_facets=frozenset(
            name
            for name in criteria.facets
            if (column := snapshot.columns.facets.get(name)) and column.number_of_values
        ),
        year_span=cross_counts.year_span(snapshot.columns) if "year" in criteria.facets else (),
        excerpts=_excerpts_by_key(snapshot, query, keys) if criteria.excerpts else {},
        suggestion=_spelling_suggestion(snapshot, criteria, total, newest)
        if criteria.suggests
        else None,
        understood=query,
        synonyms_used=used,
        stale=stale,
    )


def _excerpts_by_key(snapshot, query, keys):
    finder = MatchFinder(query)
    if not finder.leaves:
        return {}
    excerpts = {
        key: finder.best_excerpt(parts) for key, parts in snapshot.stored_parts(keys).items()
    }
    return {key: excerpt for key, excerpt in excerpts.items() if excerpt}


def matching_ids(criteria: Criteria) -> Iterator[int]:
    """Yield the keys of all records that match the criteria, in order, regardless of the page."""
    snapshot, newest, _stale = _current_snapshot(criteria.kind)
    results = _result_set(snapshot, criteria, newest)
    yield from results.keys(0, results.total)


def count_matches(criteria_of_one_kind: Sequence[Criteria]) -> list[int]:
    """Return the number of matches for each of several criteria of one kind."""
    if not criteria_of_one_kind:
        return []
    snapshot, newest, _stale = _current_snapshot(criteria_of_one_kind[0].kind)
    return [_result_set(snapshot, criteria, newest).total for criteria in criteria_of_one_kind]


def record_counts_of_values(kind: str, facet: str, values: Iterable[str]) -> dict[str, int]:
    """Return {value: how many records of `kind` have it} for some values of a facet."""
    snapshot, _newest, _stale = _current_snapshot(kind)
    column = snapshot.columns.facets.get(facet)
    return {value: column.total(value) if column else 0 for value in values}


def number_of_values_in_use(kind: str, facet: str) -> int | None:
    """Return the number of values of a facet in use; None while the index lags."""
    snapshot, _newest, is_stale = _current_snapshot(kind)
    column = snapshot.columns.facets.get(facet)
    return None if is_stale else column.number_of_values if column else 0


def value_combination_counts(criteria: Criteria, axes: Sequence[FacetAxis]) -> CrossCounts:
    """Count matching records by combinations of facet values.

    Each number is the total of the same criteria with these values as the only ones of their facets;
    an axis that is already filtered contains only the values of the filter.
    """
    snapshot, newest, _stale = _current_snapshot(criteria.kind)
    return cross_counts.count_value_combinations(_result_set(snapshot, criteria, newest), axes)


def value_pair_counts(criteria: Criteria, facet: str) -> ValuePairCounts:
    """Return which values of a facet occur together in matching records."""
    snapshot, newest, _stale = _current_snapshot(criteria.kind)
    return cross_counts.count_value_pairs(_result_set(snapshot, criteria, newest), facet)


def last_year_by_value(kind: str, facet: str, values: Sequence[str]) -> dict[str, int]:
    """Return {value: year of its last record}; values without a dated record are left out."""
    snapshot, _newest, _stale = _current_snapshot(kind)
    days = cross_counts.last_day_by_value(snapshot.columns, facet, values)
    return {value: date.fromordinal(day).year for value, day in days.items()}


def values_by_frequency(kind: str, facet: str) -> list[str]:
    """Return all values of a facet, the most frequent first, ties by value."""
    snapshot, _newest, _stale = _current_snapshot(kind)
    return cross_counts.values_by_frequency(snapshot.columns, facet)


def _result_set(snapshot, criteria, newest):
    query, _used = synonyms.add_synonyms(parse_query(criteria.text), synonyms.terms_as_of(newest))
    return snapshot.result_set(criteria, query)


def _spelling_suggestion(snapshot, criteria, total, newest):
    def total_of(text):
        return _result_set(snapshot, replace(criteria, text=text), newest).total

    names = synonyms.terms_as_of(newest).words
    return spelling.suggest_spelling(snapshot.searcher, criteria.text, total, total_of, names)


def similar_records(
    kind: str,
    key: int,
    *,
    limit: int,
    within: Collection[str] = tuple(more_like_this.COMPARED_FIELD_WEIGHTS),
) -> list[SimilarHit]:
    """Return the records of `kind` most like the one of `key`, with words they share.

    `within` names the fields that are compared.
    """
    snapshot, _newest, _stale = _current_snapshot(kind)
    return more_like_this.find_similar_records(snapshot, key, limit, within)


def apply_pending_changes() -> int:
    """Apply all pending changes to every index; return the number of batches."""
    return sum(_index_manager(kind).apply_pending_changes() for kind in document_sources())


def update_indexes_to_newest_change(progress: ProgressCallback | None = None) -> None:
    """Update every index of this machine to the newest change, even if another process does the same.

    `progress` is called with the number of records of each batch. Raises TimeoutError when the
    index does not get on, OSError or ValueError when it cannot be written.
    """
    newest = change_log.newest_position()
    for kind in document_sources():
        _index_manager(kind).update_to(newest, progress)


def update_open_indexes() -> None:
    """Update the indexes that this process reads, even if nobody searches.

    What has no index on this machine is built. Called every second by `updating.background_thread`.
    """
    newest = change_log.newest_position()
    for kind in document_sources():
        _index_manager(kind).update_if_open(newest)


def rebuild_index(kind: str, progress: ProgressCallback | None = None) -> None:
    """Build the index of a kind from scratch, while readers keep the old one."""
    _index_manager(kind).rebuild(progress)


def index_status() -> dict:
    """Return {"ready": whether every index can be searched, "newest_change": position}."""
    return {
        "ready": all(_index_manager(kind).is_ready for kind in document_sources()),
        "newest_change": change_log.newest_change_id(),
    }


def discard_indexes() -> None:
    """Discard every index of this process and its terms (for tests)."""
    synonyms.forget_terms()
    with _index_managers_lock:
        _index_managers.clear()
