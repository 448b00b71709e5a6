"""Positions of the fields of a page in its lines."""

from typing import NamedTuple


class Origin(NamedTuple):
    """The place of a field in the source: characters `start` to `end` of a line of the page.

    Fields are title, published, date, series, summary, recording, contact, remains, and with the
    number of the part from 0: speaker-0, affiliation-0 (its bracket), recommendation-0, link-0.
    """

    field: str
    line: int
    start: int
    end: int


class SourcePart(NamedTuple):
    """A text and where it begins."""

    text: str
    line: int
    start: int = 0

    def origin(self, name: str, start: int = 0, end: int | None = None) -> Origin:
        """Return the origin of characters `start` to `end` of the text, or of all of it."""
        end = len(self.text) if end is None else end
        return Origin(name, self.line, self.start + start, self.start + end)
