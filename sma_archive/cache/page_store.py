"""Cached responses of one process for one state of the archive, up to a number of bytes."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import NamedTuple

OVERHEAD_BYTES = 1000  # of an entry besides its content: key, headers, Python objects


class CachedResponse(NamedTuple):
    content: bytes
    headers: dict[str, str]
    etag: str


class PageStore:
    """The most recently used responses. All belong to one state and are dropped with it.

    So nothing is found under a state it was not computed for, and what is no longer true takes
    no memory.
    """

    def __init__(self, max_bytes: int, max_seconds: float):
        self.max_bytes = max_bytes
        self.max_seconds = max_seconds
        self.bytes = 0
        self._state: Hashable = None
        self._entries: OrderedDict[str, tuple[CachedResponse, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self):
        return len(self._entries)

    def get(self, state: Hashable, key: str) -> CachedResponse | None:
        """Return the response cached under `key` for `state`; a new state drops the earlier ones."""
        with self._lock:
            if state != self._state:
                self._remove_all()
                self._state = state
            if (entry := self._entries.get(key)) is None:
                return None
            answer, kept_at = entry
            if time.monotonic() - kept_at > self.max_seconds:
                self._remove(key)
                return None
            self._entries.move_to_end(key)
            return answer

    def put(self, state: Hashable, key: str, answer: CachedResponse) -> None:
        """Cache a response, unless the state of the archive changed while it was computed."""
        size = _size(answer)
        with self._lock:
            if state != self._state or size > self.max_bytes:
                return
            if key in self._entries:
                self._remove(key)
            while self.bytes + size > self.max_bytes:
                self._remove(next(iter(self._entries)))
            self._entries[key] = answer, time.monotonic()
            self.bytes += size

    def clear(self) -> None:
        with self._lock:
            self._remove_all()

    def _remove_all(self) -> None:
        self._entries.clear()
        self.bytes = 0

    def _remove(self, key: str) -> None:
        answer, _kept_at = self._entries.pop(key)
        self.bytes -= _size(answer)


def _size(answer: CachedResponse) -> int:
    return len(answer.content) + OVERHEAD_BYTES
