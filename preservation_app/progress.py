"""Progress of long commands, and its display as bars in a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tqdm import tqdm


@dataclass
class Progress:
    """Progress of a long command: a step with its total, and increments."""

    step: Callable[[str, int, str], object] = lambda name, total, unit: None
    done: Callable[[int], object] = lambda amount: None


@contextmanager
def show_progress_bars() -> Iterator[Progress]:
    """Yield a Progress that draws one bar after the other, only in a terminal."""
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
