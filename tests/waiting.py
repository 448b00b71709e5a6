"""Waiting for what another thread or process is about to do."""

import time
from collections.abc import Callable

PATIENCE = 20  # seconds; far longer than anything waited for takes


def eventually(condition: Callable[[], object]) -> bool:
    """Ask again and again until the condition holds; tell whether it ever did."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
