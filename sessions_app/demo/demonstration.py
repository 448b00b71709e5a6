"""The whole demonstration: the hand-written sessions, then as many generated ones as requested."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from . import handwritten
from .generator import SessionGenerator
from .records import DemoOrganisation, DemoSession, DemoSpeaker


class Demonstration:
    """An archive of `count` sessions: the same for the same count, seed and day.

    Written sessions come first, the newest of them before the others; `today` is the day from which
    those to come are counted.
    """

    def __init__(self, count: int, seed: int, today: date):
        self.count = count
        self._handwritten = handwritten.load_sessions(today)[:count]
        people = handwritten.load_speakers()
        self._generator = SessionGenerator(
            count - len(self._handwritten), seed, taken={speaker.name for speaker in people}
        )
        named = {one.speaker for session in self._handwritten for one in session.appearances}
        named |= {person.same_as for person in people if person.name in named}
        self.speakers: list[DemoSpeaker] = [
            *(person for person in people if person.name in named),
            *self._generator.speakers,
        ]
        self.organisations: list[DemoOrganisation] = [
            *handwritten.load_organisations(),
            *self._generator.organisations,
        ]

    def all_sessions(self) -> Iterator[DemoSession]:
        return chain(self._handwritten, self._generator.generate_sessions())
