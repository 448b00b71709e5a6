"""Waiting for what another thread, process or browser is about to do."""

import time
from collections.abc import Callable

# Far longer than anything waited for takes, on a busy machine too: only a failure waits so long.
PATIENCE = 60  # seconds


def eventually(
    condition: Callable[[], object], pause: Callable[[float], None] = time.sleep
) -> bool:
    """Ask again and again until the condition holds; tell whether it ever did.

    `pause` takes seconds.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        pause(0.02)
    return False
