"""The whole demonstration: the hand-written sessions, then as many generated ones as requested."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from . import written
from .generated import Generator
from .records import DemoOrganisation, DemoSession, DemoSpeaker


class Demonstration:
    """An archive of `count` sessions: the same for the same count, seed and day.

    Written sessions come first, the newest of them before the others; `today` is the day from which
    those to come are counted.
    """

    def __init__(self, count: int, seed: int, today: date):
        self.count = count
        self._written = written.sessions(today)[:count]
        people = written.speakers()
        self._generator = Generator(
            count - len(self._written), seed, taken={speaker.name for speaker in people}
        )
        named = {one.speaker for session in self._written for one in session.appearances}
        named |= {person.same_as for person in people if person.name in named}
        self.speakers: list[DemoSpeaker] = [
            *(person for person in people if person.name in named),
            *self._generator.speakers,
        ]
        self.organisations: list[DemoOrganisation] = [
            *written.organisations(),
            *self._generator.organisations,
        ]

    def sessions(self) -> Iterator[DemoSession]:
        return chain(self._written, self._generator.sessions())
