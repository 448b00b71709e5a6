"""Where a session's text says something else than its record. Pure: text and values in, words out."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from site_app.text.dates import find_days, long_date
from speakers_app.names.comparison import fold_name
from speakers_app.names.parsing import parse_person

DATE, NUMBERS, PEOPLE = "date-differs", "numbers-skip", "not-among-speakers"
NAMES = (DATE, NUMBERS, PEOPLE)

# Not after a title or an initial.
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\bM[rsx]\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\bProf\.)(?<!\b[A-Z]\.)\s+(?=[A-Z“\"])|\n+"
)
_OF_A_SESSION = re.compile(
    r"\b(?:session|webinar|webcast|panel|briefing|talk|presentation|discussion|workshop|event|"
    r"seminar|lecture)\b",
    re.I,
)
_WAS_HELD = re.compile(
    r"\b(?:held|took place|takes place|hosted|presented|spoke|recorded|convened|delivered|gave)\b",
    re.I,
)
_DAY_LINE = re.compile(
    r"\s*(?:date(?:\(s\))?(?: of (?:the )?event)?|event date|held on)\s*:", re.I
)
_BEFORE_A_DAY = re.compile(r"\b(?:on|held)\s+(?:[A-Z][a-z]+day,?\s+)?$")
# A contact person is not a speaker.
_OF_CONTACT = re.compile(r"@|\be-?mail\b|\bcontact\b|\bplease\b", re.I)
_PARTICLE = r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|al|bin|ibn|ben|ter|ten|zu)"
# "Kania’s Biographies" is not a name: the genitive ends the name.
_WORD = r"(?:[^\W\d_a-z](?:[\w-]|[’'](?!s\b))+|[A-Z]\.)"
# Titles that a page uses for its own guests; "President" and "General" usually refer to others.
_TITLED = re.compile(
    rf"\b(?P<title>Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor)\.?\s+"
    rf"(?P<name>(?:{_PARTICLE}\s+)*{_WORD}(?:\s+(?:{_PARTICLE}\s+)*{_WORD}){{0,3}})"
)
_CAPITALISED = re.compile(rf"{_WORD}(?:\s+(?:{_PARTICLE}\s+)*{_WORD})+")
_ENUMERATED = re.compile(r"(?<![\w.])\(?(\d{1,2})\)(?=\s)")
MAX_NAME_WORDS = 4  # words
SHORTEST_NAME = 8  # letters; "Li Wei" is too short for a reliable match


@dataclass(frozen=True)
class SessionText:
    """The compared data of a session. `names`: all names of its speakers."""

    title: str
    text: str
    first_day: date | None
    last_day: date | None
    numbers: Collection[int]
    names: Collection[str]


def contradictions(told: SessionText, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (kind, contradiction). `known`: {folded name: name} of the archive's people."""
    sentences = [sentence for sentence in _SENTENCE.split(told.text) if sentence.strip()]
    yield from ((DATE, text) for text in _days(told, sentences))
    yield from ((NUMBERS, text) for text in _numbers(told))
    yield from ((PEOPLE, text) for text in _people(told, sentences, known))


def _days(told: SessionText, sentences) -> Iterator[str]:
    said = []
    for sentence in sentences:
        is_line = _DAY_LINE.match(sentence)
        if not is_line and not (_OF_A_SESSION.search(sentence) and _WAS_HELD.search(sentence)):
            continue
        for start, days in find_days(sentence):
            if is_line or _BEFORE_A_DAY.search(sentence[:start]):
                said.append(days)
    if not said:
        return
    first, last = said[0]
    words = long_date(first) if first == last else f"{long_date(first)} to {long_date(last)}"
    if told.first_day is None:
        yield f"The text says {words}; the record has no date."
        return
    end = told.last_day or told.first_day
    if not any(first <= end and last >= told.first_day for first, last in said):
        yield f"The text says {words}; the record says {long_date(told.first_day)}."


def _numbers(told: SessionText) -> Iterator[str]:
    present = sorted(told.numbers)
    if present:
        missing = sorted(set(range(1, present[-1])) - set(present))
        if missing:
            yield f"Recommendations are numbered {_comma_separated(present)}: {_comma_separated(missing)} is missing."
    expected = 1
    for match in _ENUMERATED.finditer(told.text):
        number = int(match[1])
        if number == 1:
            expected = 2
        elif number == expected:
            expected += 1
        elif expected > 1 and expected < number <= expected + 3:
            yield f"The text counts to {expected - 1}), then goes on with {number})."
            expected = number + 1
        else:
            expected = 1


def _comma_separated(numbers) -> str:
    shown = ", ".join(map(str, numbers[:12]))
    return f"{shown} …" if len(numbers) > 12 else shown


def _people(told: SessionText, sentences, known) -> Iterator[str]:
    words = {word for name in told.names for word in fold_name(name).split()}
    wholes = {frozenset(fold_name(name).split()) for name in told.names}
    named: dict[str, str] = {}
    for sentence in sentences:
        if _OF_CONTACT.search(sentence):
            continue
        for match in _TITLED.finditer(sentence):
            person = parse_person(match[0])
            family = fold_name(person.family).split()
            if family and not words.intersection(family):
                named.setdefault(" ".join(family), " ".join(match[0].split()))
        for run in _CAPITALISED.finditer(sentence):
            for name in _word_sequences(run[0].split()):
                folded = fold_name(name)
                if folded in known and frozenset(folded.split()) not in wholes:
                    named.setdefault(folded.split()[-1], known[folded])
    for name in named.values():
        yield f"“{name}” is named in the text, and is not among the speakers."


def _word_sequences(words: list[str]) -> Iterator[str]:
    for size in range(min(MAX_NAME_WORDS, len(words)), 1, -1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def names_known(people: Collection[tuple[str, str]]) -> dict[str, str]:
    """Return {folded name: name} of those (given, family) whose name cannot be mistaken."""
    names = {}
    for given, family in people:
        name = f"{given} {family}".strip()
        folded = fold_name(name)
        first = fold_name(given).split()[:1]
        if first and len(first[0]) > 2 and family and len(folded) >= SHORTEST_NAME:
            names[folded] = name
    return names
