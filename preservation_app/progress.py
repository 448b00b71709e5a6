"""Bars on a terminal for work of several steps."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from .backups import Progress


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Give a Progress that draws one bar after the other, on a terminal only."""
    bars = []

    def step(name, total, unit):
        close()
        is_size = unit == "B"
        bars.append(
            tqdm(
                desc=name,
                total=total,
                unit=unit or " " + name,
                unit_scale=is_size,
                disable=not sys.stderr.isatty(),
            )
        )

    def done(amount):
        if bars:
            bars[-1].update(amount)

    def close():
        if bars:
            bars.pop().close()

    try:
        yield Progress(step, done)
    finally:
        close()
