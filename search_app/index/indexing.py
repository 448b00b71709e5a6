"""Writes changed records to the index. A record that cannot be indexed does not stop the others."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from search_app import change_log
from search_app.change_log import Position

from .documents import FIELD_WEIGHTS, DocumentSource, IndexDocument
from .tantivy_index import HEAP_BYTES_FOR_BULK, Index, Writer, stored_position

logger = logging.getLogger(__name__)

RECORDS_PER_BATCH = 500  # records read at once
ProgressCallback = Callable[[int], None]


class EverythingChangedError(Exception):
    """The index must be rebuilt: the changes since its position are no longer listed."""


def fill_index(
    index: Index, source: DocumentSource, progress: ProgressCallback | None = None
) -> int:
    """Write all public records of a source to an empty index; return their number.

    `progress` is called with the number of records in each batch. Later changes are in the change log after
    the committed position.
    """
    position = change_log.newest_position()
    writer = index.writer(HEAP_BYTES_FOR_BULK)
    count = 0
    try:
        for keys in _batches_of_keys(source.keys()):
            count += _add_documents(writer, source, keys)
            if progress:
                progress(len(keys))
        writer.commit(position)
    finally:
        writer.close()
    return count


def apply_batch_of_changes(
    index: Index, source: DocumentSource
) -> tuple[list[int], Position, Writer | None]:
    """Apply at most RECORDS_PER_BATCH changes to an index and commit.

    Returns the keys that were read again, the position reached, and the writer, which the caller
    has to close: merges may still be going on. Raises EverythingChangedError.
    """
    position = stored_position(index.searcher())
    if position is None or not change_log.has_all_changes_after(position):
        raise EverythingChangedError
    keys, reached = change_log.keys_changed_after(position, source.kind, RECORDS_PER_BATCH)
    if keys is None:
        raise EverythingChangedError
    if reached == position:
        return [], position, None
    writer = index.writer()
    try:
        writer.remove(keys)
        _add_documents(writer, source, keys)
        writer.commit(reached)
    except BaseException:
        writer.close()  # the writer discards what is not committed
        raise
    return keys, reached, writer


def _add_documents(writer: Writer, source: DocumentSource, keys: Sequence[int]) -> int:
    count = 0
    weights = getattr(source, "weights", FIELD_WEIGHTS)
    for document in _readable_documents(source, keys):
        try:
            writer.add(document, weights)
            count += 1
        except Exception:
            logger.exception("Could not index %s %s", source.kind, document.key)
    return count


def _readable_documents(source: DocumentSource, keys: Sequence[int]) -> Iterator[IndexDocument]:
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


def _batches_of_keys(keys: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(keys)
    while batch := list(islice(iterator, RECORDS_PER_BATCH)):
        yield batch
