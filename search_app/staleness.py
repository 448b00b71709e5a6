"""Records which change a response's searches answer as of, and whether an index was behind it.

Every function of `search_app.api` that reads an index reports here, and the code that sends the
response observes it, so that views need not pass it on. Without an observer nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass
class SearchObservation:
    """Whether a response used the search at all (`asked`), and whether any index was out of date.

    `index_is_overdue`: the index lacks records that became public at a scheduled time.
    `newest`: the newest change when the response began; all its searches answer as of it. None:
    each search asks for itself.
    """

    asked: bool = False
    lagged: bool = False
    index_is_overdue: bool = False
    newest: Any = None  # a Position of the change log, which imports this module

    @property
    def is_stale(self) -> bool:
        return self.lagged or (self.asked and self.index_is_overdue)


_observation: ContextVar[SearchObservation | None] = ContextVar("observation", default=None)


@contextmanager
def observe_searches() -> Iterator[SearchObservation]:
    """Observe every search of this thread until the end of the block."""
    observation = SearchObservation()
    token = _observation.set(observation)
    try:
        yield observation
    finally:
        _observation.reset(token)


def record_staleness(*, is_stale: bool) -> None:
    """Record that the current response used an index, which may have lagged."""
    if (observation := _observation.get()) is not None:
        observation.asked = True
        observation.lagged |= is_stale


def newest_position_of_response():
    """Return the newest change (Position) as the current response knows it; None if a search must ask."""
    observation = _observation.get()
    return observation and observation.newest


def forget_newest_position() -> None:
    """Make the searches of the current response ask for the newest change themselves from now on."""
    if (observation := _observation.get()) is not None:
        observation.newest = None
