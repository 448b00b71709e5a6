"""Where a session's text says something else than its record. Pure: text and values in, words out."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from site_app.text.dates import find_days, long_date
from speakers_app.names.comparison import fold_name
from speakers_app.names.parsing import parse_person_name

DATE_DIFFERS, NUMBERS_SKIP, NOT_AMONG_SPEAKERS = (
    "date-differs",
    "numbers-skip",
    "not-among-speakers",
)
CONTRADICTION_KINDS = (DATE_DIFFERS, NUMBERS_SKIP, NOT_AMONG_SPEAKERS)

# Not after a title or an initial.
_SENTENCE_BREAK = re.compile(
    r"(?<=[.!?])(?<!\bM[rsx]\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\bProf\.)(?<!\b[A-Z]\.)\s+(?=[A-Z“\"])|\n+"
)
_EVENT_WORD = re.compile(
    r"\b(?:session|webinar|webcast|panel|briefing|talk|presentation|discussion|workshop|event|"
    r"seminar|lecture)\b",
    re.I,
)
_EVENT_VERB = re.compile(
    r"\b(?:held|took place|takes place|hosted|presented|spoke|recorded|convened|delivered|gave)\b",
    re.I,
)
_DATE_LINE_LABEL = re.compile(
    r"\s*(?:date(?:\(s\))?(?: of (?:the )?event)?|event date|held on)\s*:", re.I
)
_PREPOSITION_BEFORE_DATE = re.compile(r"\b(?:on|held)\s+(?:[A-Z][a-z]+day,?\s+)?$")
# A contact person is not a speaker.
_CONTACT_WORD = re.compile(r"@|\be-?mail\b|\bcontact\b|\bplease\b", re.I)
_NAME_PARTICLE = r"(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|al|bin|ibn|ben|ter|ten|zu)"
# "Kania’s Biographies" is not a name: the genitive ends the name.
_NAME_WORD = r"(?:[^\W\d_a-z](?:[\w-]|[’'](?!s\b))+|[A-Z]\.)"
# Titles that a page uses for its own guests; "President" and "General" usually refer to others.
_NAME_WITH_TITLE = re.compile(
    rf"\b(?P<title>Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor)\.?\s+"
    rf"(?P<name>(?:{_NAME_PARTICLE}\s+)*{_NAME_WORD}(?:\s+(?:{_NAME_PARTICLE}\s+)*{_NAME_WORD}){{0,3}})"
)
_CAPITALISED_WORDS = re.compile(rf"{_NAME_WORD}(?:\s+(?:{_NAME_PARTICLE}\s+)*{_NAME_WORD})+")
_ITEM_NUMBER_IN_TEXT = re.compile(r"(?<![\w.])\(?(\d{1,2})\)(?=\s)")
MAX_NAME_WORDS = 4  # words
MIN_NAME_LETTERS = 8  # letters; "Li Wei" is too short for a reliable match


@dataclass(frozen=True)
class SessionText:
    """The compared data of a session. `names`: all names of its speakers."""

    title: str
    text: str
    first_day: date | None
    last_day: date | None
    numbers: Collection[int]
    names: Collection[str]


def find_contradictions(
    session_text: SessionText, known_names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield (kind, contradiction). `known_names`: {folded name: name} of the archive's people."""
    sentences = [
        sentence for sentence in _SENTENCE_BREAK.split(session_text.text) if sentence.strip()
    ]
    yield from ((DATE_DIFFERS, text) for text in _day_contradictions(session_text, sentences))
    yield from ((NUMBERS_SKIP, text) for text in _number_contradictions(session_text))
    yield from (
        (NOT_AMONG_SPEAKERS, text)
        for text in _people_contradictions(session_text, sentences, known_names)
    )


def _day_contradictions(session_text: SessionText, sentences) -> Iterator[str]:
    said = []
    for sentence in sentences:
        is_line = _DATE_LINE_LABEL.match(sentence)
        if not is_line and not (_EVENT_WORD.search(sentence) and _EVENT_VERB.search(sentence)):
            continue
        for start, days in find_days(sentence):
            if is_line or _PREPOSITION_BEFORE_DATE.search(sentence[:start]):
                said.append(days)
    if not said:
        return
    first, last = said[0]
    words = long_date(first) if first == last else f"{long_date(first)} to {long_date(last)}"
    if session_text.first_day is None:
        yield f"The text says {words}; the record has no date."
        return
    end = session_text.last_day or session_text.first_day
    if not any(first <= end and last >= session_text.first_day for first, last in said):
        yield f"The text says {words}; the record says {long_date(session_text.first_day)}."


def _number_contradictions(session_text: SessionText) -> Iterator[str]:
    present = sorted(session_text.numbers)
    if present:
        missing = sorted(set(range(1, present[-1])) - set(present))
        if missing:
            yield f"Recommendations are numbered {_comma_separated(present)}: {_comma_separated(missing)} is missing."
    expected = 1
    for match in _ITEM_NUMBER_IN_TEXT.finditer(session_text.text):
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


def _people_contradictions(session_text: SessionText, sentences, known_names) -> Iterator[str]:
    words = {word for name in session_text.names for word in fold_name(name).split()}
    wholes = {frozenset(fold_name(name).split()) for name in session_text.names}
    named: dict[str, str] = {}
    for sentence in sentences:
        if _CONTACT_WORD.search(sentence):
            continue
        for match in _NAME_WITH_TITLE.finditer(sentence):
            person = parse_person_name(match[0])
            family = fold_name(person.family).split()
            if family and not words.intersection(family):
                named.setdefault(" ".join(family), " ".join(match[0].split()))
        for run in _CAPITALISED_WORDS.finditer(sentence):
            for name in _word_sequences(run[0].split()):
                folded = fold_name(name)
                if folded in known_names and frozenset(folded.split()) not in wholes:
                    named.setdefault(folded.split()[-1], known_names[folded])
    for name in named.values():
        yield f"“{name}” is named in the text, and is not among the speakers."


def _word_sequences(words: list[str]) -> Iterator[str]:
    for size in range(min(MAX_NAME_WORDS, len(words)), 1, -1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def unmistakable_names(people: Collection[tuple[str, str]]) -> dict[str, str]:
    """Return {folded name: name} of those (given, family) whose name cannot be mistaken."""
    names = {}
    for given, family in people:
        name = f"{given} {family}".strip()
        folded = fold_name(name)
        first = fold_name(given).split()[:1]
        if first and len(first[0]) > 2 and family and len(folded) >= MIN_NAME_LETTERS:
            names[folded] = name
    return names
