"""The people of a page: their lines, and their names in the text."""

import re

from speakers_app.people_line import (
    NO_KNOWN_NAMES,
    KnownNames,
    ParsedPerson,
    parse_people_line,
    person_spans,
)

from .page_text import NotAPageError
from .recommendation_extractor import sentence_spans
from .source_spans import SourcePart

_PRESENTERS_PHRASE = re.compile(
    r"\b(?:presented by|presentation by|session (?:with|by|from)|given by|featuring|panel with|with)\s+(?P<people>.{1,1000}?)"
    r",?\s+(?:as (?:a )?part of|for its|in its|on \d|at its)\b",
    re.I | re.S,
)
_FUNCTION_OF_LABEL = {
    "moderator": "moderator",
    "facilitator": "moderator",
    "panel": "panelist",
    "discussant": "panelist",
}
MAX_PEOPLE_LINE_CHARACTERS = 20_000  # characters
MAX_PEOPLE_PER_PAGE = 100


def fill_in_speakers(lines, record, known: KnownNames = NO_KNOWN_NAMES) -> None:
    """Fill in the speakers of a record: from the lines of people, or from the first sentence.

    `lines` has `people`, pairs of label and SourcePart, and `text`, SourceParts; `known` decides where a line
    alone does not. What was guessed of a person is a remark. Raises NotAPageError for more
    people than a session has.
    """
    by_function: dict[str, list[SourcePart]] = {}
    for label, part in lines.people:
        if len(part.text) > MAX_PEOPLE_LINE_CHARACTERS:
            raise NotAPageError("A line of speakers is too long to be one.")
        function = next(
            (
                value
                for start, value in _FUNCTION_OF_LABEL.items()
                if label.casefold().startswith(start)
            ),
            "speaker",
        )
        by_function.setdefault(function, []).append(part)
    for function, candidates in by_function.items():
        # The newer form of a page repeats the line; use the one with affiliations. A line with
        # other people is added.
        chosen = max(
            candidates,
            key=lambda part: (part.text.count("(") + part.text.count("["), len(part.text)),
        )
        for part in candidates:
            people, remarks = parse_people_line(part.text, function, known)
            others = [
                person for person in people if not _contains_word(chosen.text, person.family)
            ]
            if part.text != chosen.text and len(others) < len(people):
                if others:
                    record.remains.append(f"Speakers: {part.text}")
                    record.remarks.append(f"A repeated line of speakers names others: {part.text}")
                    record.origins.append(part.origin("remains"))
                continue
            _add_speakers(part, people, record)
            for remark in remarks:
                record.remains.append(f"Speakers: {remark}")
                record.remarks.append(f"Not understood among the speakers: {remark}")
                if (at := part.text.find(remark)) >= 0:
                    record.origins.append(part.origin("remains", at, at + len(remark)))
    if not record.speakers and lines.text:
        text = lines.text[0]
        first = text.text[slice(*sentence_spans(text.text)[0])]
        if match := _PRESENTERS_PHRASE.search(first):
            people, _ = parse_people_line(match["people"], known=known)
            _add_speakers(
                SourcePart(match["people"], text.line, match.start("people")), people, record
            )
            if record.speakers:
                record.remarks.append("The speakers were taken from the first sentence.")
    if len(record.speakers) > MAX_PEOPLE_PER_PAGE:
        raise NotAPageError(f"The page names more than {MAX_PEOPLE_PER_PAGE} people.")
    if not record.speakers:
        record.remarks.append("The page names no speakers.")


def _add_speakers(part, people, record):
    known = {(person.family, person.given_or_initial) for person in record.speakers}
    for person, (name, bracket) in zip(people, person_spans(part.text, people), strict=True):
        if (person.family, person.given_or_initial) in known:
            continue
        number = len(record.speakers)
        record.speakers.append(person)
        if person.doubt:
            record.remarks.append(person.doubt)
            record.guesses.append(person.doubt)
        if name:
            record.origins.append(part.origin(f"speaker-{number}", *name))
        if bracket:
            record.origins.append(part.origin(f"affiliation-{number}", *bracket))


def _contains_word(text, word):
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I) is not None


_HONORIFIC_WORD = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Professor|Amb|Ambassador|Gen|General|Col|Colonel|Adm|Admiral|Capt|Captain|"
    r"Maj|Major|Lt|LTC|COL|GEN|LTG|RADM|VADM|ADM|CAPT|CDR|MAJ|Brig|Brigadier|Sir|Dame|Senator)\.?"
)


def fuller_name_in_text(person: ParsedPerson, text: str) -> str | None:
    """Return a person's name in the text if it is fuller than in the line of people."""
    for match in re.finditer(rf"(?<!\w){re.escape(person.family)}(?:,? (?:Jr|Sr)\.)?(?!\w)", text):
        words = text[max(0, match.start() - 200) : match.start()].split()[-6:]
        given: list[str] = []
        honorific: list[str] = []
        while words and len(given) < 3 and words[-1][0].isupper() and _is_name_word(words[-1]):
            given.insert(0, words.pop())
        while words and _HONORIFIC_WORD.fullmatch(words[-1]):
            honorific.insert(0, words.pop())
        initial = person.given_or_initial[:1].casefold()
        if given and initial and given[0][0].casefold() != initial:
            continue
        if not given and not honorific:
            continue
        says_more = len(" ".join(given).strip(".")) > len(person.given_or_initial.strip("."))
        is_other = bool(honorific) and " ".join(honorific) != person.honorific
        return " ".join([*honorific, *given, match[0]]) if says_more or is_other else None
    return None


def _is_name_word(word):
    return not _HONORIFIC_WORD.fullmatch(word) and word[-1] not in ",;:)"
