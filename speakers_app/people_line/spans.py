"""The positions of people in a line."""

import re

from .parsing import ParsedPerson
from .parts import OPENING_BRACKETS, closing_bracket_place

_END_OF_NAME = re.compile(r"[(\[;]|\s(?:&|and)\s")
TextSpan = tuple[int, int]


def person_spans(
    line: str, people: list[ParsedPerson]
) -> list[tuple[TextSpan | None, TextSpan | None]]:
    """Return the positions of each person's name and affiliation in the line, without brackets.

    `people` are those that `parse_people_line` found in it, in order. None where something is not
    found as it was printed, or is not there.
    """
    places: list[tuple[TextSpan | None, TextSpan | None]] = []
    at = 0
    for person in people:
        match = re.compile(rf"(?<!\w){re.escape(person.family)}(?!\w)").search(line, at)
        if not match:
            places.append((None, None))
            continue
        ends = _END_OF_NAME.search(line, match.end())
        stop = ends.start() if ends else len(line)
        spans = [match.span()]
        for word in (person.honorific, person.given_or_initial, person.nickname, person.suffix):
            if word and (start := line.find(word, at, stop)) >= 0:
                spans.append((start, start + len(word)))
        name = min(start for start, _ in spans), max(end for _, end in spans)
        at = name[1]
        affiliation = None
        if person.affiliation or person.role:
            affiliation = _affiliation_before_bracket(person, line, at, stop)
            if affiliation:
                at = affiliation[1]
            elif (opening := _next_bracket(line, at)) >= 0:
                closing = closing_bracket_place(line, opening)
                affiliation = opening + 1, closing
                # "A & B (Org)": the bracket after the second person is for both.
                if opening == stop:
                    at = closing
        places.append((name, affiliation))
    return places


def _affiliation_before_bracket(person, line, at, stop):
    """Return the position of "Role, Organisation" after a name and before any bracket, or None."""
    spans = [
        (start, start + len(text))
        for text in (person.role, person.affiliation)
        if text and (start := line.find(text, at, stop + len(text))) >= 0 and start <= stop
    ]
    if not spans or line[at : spans[0][0]].strip(" ,–—-") not in ("", "of", "at", "from"):
        return None
    return min(start for start, _ in spans), max(end for _, end in spans)


def _next_bracket(line, at):
    return next((place for place in range(at, len(line)) if line[place] in OPENING_BRACKETS), -1)
