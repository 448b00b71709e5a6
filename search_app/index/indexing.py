"""Writes changed records to the index. A record that cannot be indexed does not stop the others."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from search_app import change_log
from search_app.change_log import Position

from .documents import FIELD_WEIGHTS, DocumentSource, IndexDocument
from .engine import HEAP_FOR_BULK, Index, Writer, position_of

logger = logging.getLogger(__name__)

BATCH = 500  # records read at once
Progress = Callable[[int], None]


class EverythingChangedError(Exception):
    """The index must be rebuilt: the changes since its position are no longer listed."""


def fill_index(index: Index, source: DocumentSource, progress: Progress | None = None) -> int:
    """Write all public records of a source to an empty index; return their number.

    `progress` is called with the number of records in each batch. Later changes are in the change log after
    the committed position.
    """
    position = change_log.newest()
    writer = index.writer(HEAP_FOR_BULK)
    count = 0
    try:
        for keys in _batches(source.keys()):
            count += _add(writer, source, keys)
            if progress:
                progress(len(keys))
        writer.commit(position)
    finally:
        writer.close()
    return count


def apply_changes(
    index: Index, source: DocumentSource
) -> tuple[list[int], Position, Writer | None]:
    """Apply at most BATCH changes to an index and commit.

    Returns the keys that were read again, the position reached, and the writer, which the caller
    has to close: merges may still be going on. Raises EverythingChangedError.
    """
    position = position_of(index.searcher())
    if position is None or not change_log.is_kept(position):
        raise EverythingChangedError
    keys, reached = change_log.keys_after(position, source.kind, BATCH)
    if keys is None:
        raise EverythingChangedError
    if reached == position:
        return [], position, None
    writer = index.writer()
    try:
        writer.remove(keys)
        _add(writer, source, keys)
        writer.commit(reached)
    except BaseException:
        writer.close()  # the writer discards what is not committed
        raise
    return keys, reached, writer


def _add(writer: Writer, source: DocumentSource, keys: Sequence[int]) -> int:
    count = 0
    weights = getattr(source, "weights", FIELD_WEIGHTS)
    for document in _documents(source, keys):
        try:
            writer.add(document, weights)
            count += 1
        except Exception:
            logger.exception("Could not index %s %s", source.kind, document.key)
    return count


def _documents(source: DocumentSource, keys: Sequence[int]) -> Iterator[IndexDocument]:
    """Yield the documents of a batch; after a failure read the records one by one and log failures."""
    try:
        yield from list(source.documents(keys))
        return
    except Exception:
        logger.warning("A batch of %s failed; reading its records one by one", source.kind)
    for key in keys:
        try:
            yield from list(source.documents([key]))
        except Exception:
            logger.exception("Could not index %s %s", source.kind, key)


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(keys)
    while batch := list(islice(iterator, BATCH)):
        yield batch
