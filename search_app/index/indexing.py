"""From changed records to a committed index. A record that cannot be indexed stops no other."""

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
    """The index has to be built anew: the changes since its position are not listed."""


def fill_index(index: Index, source: DocumentSource, progress: Progress | None = None) -> int:
    """Write all public records of a source into an empty index; return how many there are.

    `progress` is called with the number of records of each batch. What changes meanwhile stands
    in the change log after the committed position.
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
    """Bring an index up to date by at most BATCH changes and commit.

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
        writer.close()  # what is not committed is dropped with the writer
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
            logger.exception("Not searchable: %s %s", source.kind, document.key)
    return count


def _documents(source: DocumentSource, keys: Sequence[int]) -> Iterator[IndexDocument]:
    """Yield the documents of a batch; after a failure read record by record and log which fail."""
    try:
        yield from list(source.documents(keys))
        return
    except Exception:
        logger.warning("A batch of %s failed and is read record by record", source.kind)
    for key in keys:
        try:
            yield from list(source.documents([key]))
        except Exception:
            logger.exception("Not searchable: %s %s", source.kind, key)


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(keys)
    while batch := list(islice(iterator, BATCH)):
        yield batch
