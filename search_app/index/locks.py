"""A lock between processes of one machine. The kernel frees it when its holder dies."""

import fcntl
import os
import time
from pathlib import Path

_RETRY_INTERVAL_SECONDS = 0.005


class FileLock:
    """An exclusive lock on a file; one object is one attempt to acquire it."""

    def __init__(self, path: Path):
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, timeout_seconds: float) -> bool:
        """Wait for the lock for at most this long; return whether it was acquired."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        end = time.monotonic() + timeout_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    os.close(descriptor)
                    return False
                time.sleep(_RETRY_INTERVAL_SECONDS)
            else:
                self._descriptor = descriptor
                return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
