"""Records whether a response was computed from an index that is behind the database.

Every function of `search_app.api` that reads an index reports here, and the code that sends the
response observes it, so that views need not pass it on. Without an observer nothing is recorded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Observation:
    """Whether a response used the search at all (`asked`), and whether any index was out of date.

    `index_is_overdue`: the index lacks records that became public at a scheduled time.
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
