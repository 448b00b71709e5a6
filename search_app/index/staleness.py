"""Records whether a response was computed from an index that lags behind the database.

Every function of `search_app.api` that reads an index notes it here; whoever sends the answer observes it,
so that no view has to pass it on. Without an observer nothing is noted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Observation:
    """Whether one response used the search at all (`asked`), and whether any index lagged.

    `index_is_overdue`: the index lacks what became public by the passing of time alone.
    """

    asked: bool = False
    lagged: bool = False
    index_is_overdue: bool = False

    @property
    def is_stale(self) -> bool:
        return self.lagged or (self.asked and self.index_is_overdue)


_observation: ContextVar[Observation | None] = ContextVar("observation", default=None)


@contextmanager
def observed() -> Iterator[Observation]:
    """Observe every search of this thread until the end of the block."""
    observation = Observation()
    token = _observation.set(observation)
    try:
        yield observation
    finally:
        _observation.reset(token)


def note_staleness(*, is_stale: bool) -> None:
    """Record that the current response used an index, which may have lagged."""
    if (observation := _observation.get()) is not None:
        observation.asked = True
        observation.lagged |= is_stale
