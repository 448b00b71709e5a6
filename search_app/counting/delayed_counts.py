"""Counts collected in memory and written some seconds later, so that readers do not wait.

A thread of its own writes them: a database busy with an import, locked or full delays a count,
never an answer. A process that dies loses those seconds.
"""

import logging
import threading
from collections.abc import Callable, Hashable

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

logger = logging.getLogger(__name__)

MAX_KEYS_GATHERED = 500  # different keys between two writes; others are not counted


class DelayedCounts:
    """Collects {key: (times, latest value)} and passes it to `write` after COUNT_WRITE_SECONDS."""

    def __init__(self, what: str, write: Callable[[dict[Hashable, tuple[int, object]]], None]):
        self.what = what
        self._write = write
        self._lock = threading.Lock()
        self._gathered: dict[Hashable, tuple[int, object]] = {}
        self._is_scheduled = False

    def add(self, key: Hashable, value: object = None) -> None:
        """Count `key` once; does not query the database unless COUNT_WRITE_SECONDS is 0."""
        with self._lock:
            if key in self._gathered or len(self._gathered) < MAX_KEYS_GATHERED:
                self._gathered[key] = (self._gathered.get(key, (0, None))[0] + 1, value)
            is_first, self._is_scheduled = not self._is_scheduled, True
        if not is_first:
            return
        if not settings.COUNT_WRITE_SECONDS:
            self.write()
            return
        timer = threading.Timer(settings.COUNT_WRITE_SECONDS, self._write_and_close_connection)
        timer.daemon = True
        timer.start()

    def write(self) -> None:
        """Write the collected counts; those that cannot be written are lost and logged."""
        with self._lock:
            gathered, self._gathered, self._is_scheduled = self._gathered, {}, False
        if not gathered:
            return
        try:
            self._write(gathered)
        except DatabaseError:
            logger.warning("%s could not be counted", self.what, exc_info=True)

    def _write_and_close_connection(self):
        try:
            self.write()
        finally:
            close_old_connections()
            connection.close()
