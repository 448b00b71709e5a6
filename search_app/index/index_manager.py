"""The index of one kind on this machine: its folder, its state in this process, its updates.

The folder of a kind contains `current`, the name of the folder in use, two lock files, and one folder
per index, of which all but the current one are left over. Readers need no lock.
"""

import logging
import secrets
import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections

from search_app import change_log
from search_app.change_log import START_POSITION, Position

from . import snapshot
from .documents import DocumentSource
from .indexing import (
    RECORDS_PER_BATCH,
    EverythingChangedError,
    ProgressCallback,
    apply_batch_of_changes,
    fill_index,
)
from .locks import FileLock
from .query_compiler import QueryCompiler
from .snapshot import IndexSnapshot
from .tantivy_index import INDEX_FORMAT_VERSION, Index, stored_position

logger = logging.getLogger(__name__)

MAX_CHANGES_APPLIED_BY_SEARCH = 500  # more are left to the background process
SEARCH_LOCK_TIMEOUT_SECONDS = 0.1  # how long a search waits for another one to update the index
FIRST_BUILD_WAIT_SECONDS = 2.0  # how long a search waits for the first index
BACKGROUND_LOCK_TIMEOUT_SECONDS = 120.0
MAX_CHANGES_READ_SINGLY = 50  # for more, the whole index is read again
RETRY_INTERVAL_SECONDS = 5.0  # between attempts to write an index after a failure
STALLED_AFTER_SECONDS = 300.0  # after this time without progress an index counts as stalled
# Exceptions when reading or writing an index whose files are damaged, missing or not writable.
UNUSABLE_INDEX_ERRORS = (ValueError, OSError, TypeError, AttributeError, KeyError)
# A full reading of a snapshot may take no more than this share of the time.
MAX_SHARE_OF_TIME_READING = 0.1


class IndexManager:
    """One kind's index. `folder` None: in memory, renewed at once and inside transactions."""

    def __init__(self, source: DocumentSource, folder: Path | None):
        self.source = source
        self.folder = folder
        self.compiler = QueryCompiler(getattr(source, "weights", None))
        self._renewal = threading.RLock()
        self._background = threading.Lock()
        self._index: Index | None = None
        self._generation = ""
        self._snapshot: IndexSnapshot | None = None
        # Newest change and folder at the last search.
        self._answered: tuple[Position, str] | None = None
        self._read_again_at = 0.0
        self._retry_at = 0.0  # not before this time, after a failed update in the background
        # Newest change missing from the snapshot at the last check.
        self._behind: Position | None = None

    def is_newer_than(self, position: Position) -> bool:
        """Return whether this process already answers as of a later change."""
        return self._snapshot is not None and self._snapshot.position.id > position.id

    def current_snapshot(self, newest: Position) -> tuple[IndexSnapshot, bool]:
        """Return the snapshot as of the newest change, and whether it lacks pending changes."""
        if self._snapshot is not None and self._answered == (
            newest,
            self._read_current_generation(),
        ):
            return self._snapshot, False
        with _try_lock(
            self._renewal, SEARCH_LOCK_TIMEOUT_SECONDS if self._snapshot else 60
        ) as is_held:
            if not is_held:
                return self._snapshot or self._empty_snapshot(), True
            return self._updated_snapshot(newest)

    def _updated_snapshot(self, newest: Position) -> tuple[IndexSnapshot, bool]:
        generation = self._read_current_generation()
        try:
            self._load_newest_state(generation)
        except UNUSABLE_INDEX_ERRORS:
            logger.exception("The index of %s cannot be read", self.source.kind)
            self._index = None
        if self._index is None:
            self._build_first_index()
            return (
                self._snapshot or self._empty_snapshot(),
                self._snapshot is None or self._index is None,
            )
        if self.folder and not generation:
            # Deleted in the meantime: the snapshot remains usable as of its position.
            self._start_in_background(self.rebuild)
            return self._snapshot, self._snapshot.position.id < newest.id
        position = self._snapshot.position
        if position.id > newest.id or not change_log.has_all_changes_after(position):
            return self._leave_update_to_background()
        waiting = change_log.count_changes_after(
            position, self.source.kind, MAX_CHANGES_APPLIED_BY_SEARCH + 1
        )
        if waiting > MAX_CHANGES_APPLIED_BY_SEARCH:
            return self._leave_update_to_background()
        if waiting:
            if self.folder and connection.in_atomic_block:
                # Uncommitted changes of this transaction must not get into an index.
                return self._snapshot, True
            try:
                if not self._apply_batch_if_unlocked(SEARCH_LOCK_TIMEOUT_SECONDS):
                    return self._snapshot, True
            except EverythingChangedError:
                return self._leave_update_to_background()
            except UNUSABLE_INDEX_ERRORS:
                logger.exception("The index of %s cannot be written", self.source.kind)
                return self._leave_update_to_background()
            if self._snapshot.position.id < newest.id:
                # The index is newer than the snapshot, which is too expensive to read again so
                # soon.
                return self._snapshot, True
        self._answered = (newest, generation)
        return self._snapshot, False

    def _leave_update_to_background(self) -> tuple[IndexSnapshot, bool]:
        """Leave a long update to the background; in memory do it now."""
        if self.folder:
            self._start_in_background(self.apply_pending_changes)
            return self._snapshot, True
        self.apply_pending_changes()
        return self._snapshot, False

    def _load_newest_state(self, generation: str) -> None:
        """Open the current index and read its newest state, or only what changed."""
        if generation != self._generation or self._index is None:
            if not generation:
                return
            self._index = Index(self.folder / generation)
            self._generation = generation
            searcher = self._index.searcher()
            position = stored_position(searcher)
            if position is None:
                raise ValueError("the index names no position")
            self._snapshot = snapshot.read_snapshot(searcher, position, self.compiler)
            return
        searcher = self._index.searcher()
        position = stored_position(searcher)
        if self._snapshot is not None and position == self._snapshot.position:
            return
        keys = (
            self._few_keys_changed_between(self._snapshot.position, position)
            if self._snapshot
            else None
        )
        if keys is not None:
            self._snapshot = snapshot.updated_snapshot(self._snapshot, searcher, position, keys)
        elif self._snapshot is None or time.monotonic() >= self._read_again_at:
            started = time.monotonic()
            self._snapshot = snapshot.read_snapshot(searcher, position, self.compiler)
            took = time.monotonic() - started
            self._read_again_at = time.monotonic() + took / MAX_SHARE_OF_TIME_READING

    def _few_keys_changed_between(self, old: Position, new: Position) -> list[int] | None:
        """Return the few keys that changed between two positions, None if they are many."""
        if not change_log.has_all_changes_after(old):
            return None
        keys, reached = change_log.keys_changed_after(
            old, self.source.kind, MAX_CHANGES_READ_SINGLY
        )
        return keys if keys is not None and reached.id >= new.id else None

    def _empty_snapshot(self) -> IndexSnapshot:
        index = Index(None)
        return snapshot.read_snapshot(index.searcher(), START_POSITION, self.compiler)

    def _read_current_generation(self) -> str:
        if self.folder is None:
            return ""
        try:
            name = (self.folder / "current").read_text().strip()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError):  # unreadable or not text: treat as missing
            return ""
        # An index with another format may open but contain something else: treat as missing.
        is_usable = (
            name.startswith(f"{INDEX_FORMAT_VERSION}-")
            and (self.folder / name / "meta.json").exists()
        )
        return name if is_usable else ""

    def _apply_batch_if_unlocked(self, timeout_seconds: float) -> bool:
        """Apply a batch of pending changes and use the new snapshot; return False if the lock is held."""
        if self.folder is None:
            self._close_and_release(self._apply_batch(), None)
            return True
        lock = FileLock(self.folder / "write.lock")
        if not lock.acquire(timeout_seconds):
            return False
        writer = None
        try:
            writer = self._apply_batch()
        finally:
            if writer is None:
                lock.release()
        if writer is not None:
            # Merging continues in the background; the lock is held until it ends.
            threading.Thread(
                target=self._close_and_release, args=(writer, lock), daemon=True
            ).start()
        return True

    def _apply_batch(self):
        self._load_newest_state(self._read_current_generation())
        _keys, _position, writer = apply_batch_of_changes(self._index, self.source)
        try:
            self._load_newest_state(self._generation)
        except BaseException:
            self._close_and_release(writer, None)
            raise
        return writer

    @staticmethod
    def _close_and_release(writer, lock: FileLock | None) -> None:
        try:
            if writer is not None:
                writer.close()
        finally:
            if lock is not None:
                lock.release()

    def apply_pending_changes(self, progress: ProgressCallback | None = None) -> int:
        """Update the index to the newest change, however far it is behind.

        Returns the number of batches applied; a rebuild counts as one.
        """
        batches = 0
        while True:
            try:
                if not self._apply_next_batch(progress):
                    return batches
            except (EverythingChangedError, *UNUSABLE_INDEX_ERRORS):
                self.rebuild(progress)
                return batches + 1
            batches += 1

    def update_to(self, newest: Position, progress: ProgressCallback | None = None) -> None:
        """Return once the index on this machine contains every change up to `newest`.

        Raises TimeoutError when it does not get on for STALLED_AFTER_SECONDS, and what writing it
        raises.
        """
        reached, moved_at = None, time.monotonic()
        while (position := self._position_on_disk()) is None or position.id < newest.id:
            if position != reached:
                reached, moved_at = position, time.monotonic()
            elif time.monotonic() - moved_at > STALLED_AFTER_SECONDS:
                raise TimeoutError(f"the index of {self.source.kind} does not get on")
            if not self.apply_pending_changes(progress):
                time.sleep(0.1)  # another process is updating it
        # The caller may search next, however expensive reading the index is.
        self._read_again_at = 0.0

    def _position_on_disk(self) -> Position | None:
        with self._renewal:
            if self.folder is None:
                return self._snapshot and self._snapshot.position
            if not (generation := self._read_current_generation()):
                return None
            try:
                return stored_position(Index(self.folder / generation).searcher())
            except UNUSABLE_INDEX_ERRORS:
                return None

    def update_if_open(self, newest: Position) -> None:
        """Update the snapshot of this process if it has one, and build the index if there is none."""
        if self.folder is None:
            return
        if self._snapshot is None:
            if not self._read_current_generation():
                self._start_in_background(self.rebuild)
            return
        _snapshot, is_stale = self.current_snapshot(newest)
        if is_stale and newest == self._behind:
            # Nothing was written since the last check, so a full reading is now worthwhile.
            self._read_again_at = 0.0
            _snapshot, is_stale = self.current_snapshot(newest)
        self._behind = newest if is_stale else None

    def _apply_next_batch(self, progress: ProgressCallback | None = None) -> bool:
        """Apply one batch as the only writer; return whether there was one."""
        lock = FileLock(self.folder / "write.lock") if self.folder else None
        if lock and not lock.acquire(BACKGROUND_LOCK_TIMEOUT_SECONDS):
            return False  # the process with the lock is doing the same
        try:
            with self._renewal:
                is_there = (
                    self._read_current_generation() if self.folder else self._index is not None
                )
                if not is_there:
                    raise EverythingChangedError
                writer = self._apply_batch()
            if writer is None:
                return False
            writer.close()
            if progress:
                progress(RECORDS_PER_BATCH)
            return True
        finally:
            if lock:
                lock.release()

    def rebuild(self, progress: ProgressCallback | None = None) -> None:
        """Build a new index next to the current one, then replace that."""
        if self.folder is None:
            with self._renewal:
                index = Index(None)
                fill_index(index, self.source, progress)
                self._index, self._snapshot = index, None
                self._load_newest_state("")
            return
        lock = FileLock(self.folder / "rebuild.lock")
        replaced = self._read_current_generation()
        if not lock.acquire(BACKGROUND_LOCK_TIMEOUT_SECONDS):
            return
        try:
            if self._read_current_generation() != replaced:
                return  # another process built it while this one waited
            generation = f"{INDEX_FORMAT_VERSION}-{secrets.token_hex(4)}"
            fill_index(Index(self.folder / generation), self.source, progress)
            name = self.folder / "current.new"
            name.write_text(generation)
            name.replace(self.folder / "current")
            # The kernel keeps the files of the old folder as long as a process has them open.
            for remains in self.folder.iterdir():
                if remains.is_dir() and remains.name != generation:
                    shutil.rmtree(remains, ignore_errors=True)
        finally:
            lock.release()

    def _build_first_index(self) -> None:
        """Build a missing index; the first search waits for it only a moment."""
        if self.folder is None:
            self.rebuild()
            return
        thread = self._start_in_background(self.rebuild)
        if thread is not None and self._snapshot is None:
            thread.join(FIRST_BUILD_WAIT_SECONDS)
        try:
            self._load_newest_state(self._read_current_generation())
        except UNUSABLE_INDEX_ERRORS:
            logger.exception("The index of %s is not ready", self.source.kind)

    def _start_in_background(self, work) -> threading.Thread | None:
        """Do `work` in a thread unless one is running or failed a moment ago; return the thread."""
        if time.monotonic() < self._retry_at or not self._background.acquire(blocking=False):
            return None

        def run():
            try:
                work()
            except Exception:
                self._retry_at = time.monotonic() + RETRY_INTERVAL_SECONDS
                logger.exception("The index of %s could not be rebuilt", self.source.kind)
            finally:
                connections.close_all()
                self._background.release()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    @property
    def is_ready(self) -> bool:
        """Whether there is an index to search."""
        return (
            self._snapshot is not None
            or bool(self._read_current_generation())
            or self.folder is None
        )


@contextmanager
def _try_lock(lock, timeout_seconds: float):
    """Acquire a lock if it becomes free in time; yield whether it was acquired."""
    is_held = lock.acquire(timeout=timeout_seconds)
    try:
        yield is_held
    finally:
        if is_held:
            lock.release()
