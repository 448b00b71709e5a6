"""Waiting for what another thread, process or browser is about to do."""

import time
from collections.abc import Callable

# Far longer than any wait takes, even on a busy machine: only a failure waits this long.
PATIENCE = 60  # seconds


def eventually(
    condition: Callable[[], object], pause: Callable[[float], None] = time.sleep
) -> bool:
    """Check repeatedly until the condition holds; return whether it ever did.

    `pause` takes seconds.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        pause(0.02)
    return False
