"""A line of speakers with affiliations, as old pages print it, taken apart into people."""

import re
from dataclasses import dataclass, replace

from .affiliations import parse_affiliation
from .names import is_family_name, is_initials, is_suffix, parse_person

_FUNCTIONS = {
    "moderator": "moderator",
    "moderated by": "moderator",
    "facilitator": "moderator",
    "host": "moderator",
    "chair": "moderator",
    "panelist": "panelist",
    "panellist": "panelist",
    "discussant": "panelist",
    "speaker": "speaker",
    "presenter": "speaker",
}
_RETIRED = re.compile(r"(?:[A-Z]{2,5},?\s+)?Ret(?:'d|’d|ired)?\.?", re.I)
_AND = re.compile(r"(?:and|&|/)(?=\s|$)")
_NAME_ENDS = re.compile(r"[(\[;]|\s(?:&|and)\s")
_OPEN, _CLOSE = "([", ")]"


@dataclass(frozen=True)
class ParsedPerson:
    """One person of a line; empty text where nothing is printed."""

    family: str
    given_or_initial: str = ""
    honorific: str = ""
    suffix: str = ""
    nickname: str = ""
    affiliation: str = ""
    role: str = ""
    function: str = "speaker"


@dataclass
class _Draft:
    """A person being read: text of the name, bracket's content, what ended it."""

    text: str = ""
    bracket: str = ""
    function: str = ""
    is_inverted: bool = False
    ended_by: str = ""


def parse_people_line(
    line: str, function: str = "speaker"
) -> tuple[list[ParsedPerson], list[str]]:
    """Return the people of a line in printed order, and what was not understood, verbatim.

    `function` is what the line's label says they are: speaker, panelist or moderator.
    """
    drafts, remarks = _drafts(_tokens(" ".join(line.split())))
    people = []
    for draft in drafts:
        name = parse_person(draft.text, is_inverted=draft.is_inverted)
        if not name.family:
            if rest := " ".join(part for part in (draft.text, draft.bracket) if part).strip(
                " .,:"
            ):
                remarks.append(rest)
            continue
        affiliation = parse_affiliation(draft.bracket)
        people.append(
            ParsedPerson(
                family=name.family,
                given_or_initial=name.given,
                honorific=name.honorific,
                suffix=name.suffix,
                nickname=name.nickname,
                affiliation=affiliation.organisation,
                role=affiliation.role,
                function=draft.function or function,
            )
        )
    return people, remarks


Span = tuple[int, int]


def person_spans(line: str, people: list[ParsedPerson]) -> list[tuple[Span | None, Span | None]]:
    """Return where each person's name and the content of their bracket stand in the line.

    `people` are those that `parse_people_line` found in it, in order. None where something is not
    found as it was printed, or is not there.
    """
    places, at = [], 0
    for person in people:
        found = re.compile(rf"(?<!\w){re.escape(person.family)}(?!\w)").search(line, at)
        if not found:
            places.append((None, None))
            continue
        ends = _NAME_ENDS.search(line, found.end())
        stop = ends.start() if ends else len(line)
        spans = [found.span()]
        for word in (person.honorific, person.given_or_initial, person.nickname, person.suffix):
            if word and (start := line.find(word, at, stop)) >= 0:
                spans.append((start, start + len(word)))
        name = min(start for start, _ in spans), max(end for _, end in spans)
        at = name[1]
        bracket = None
        if (person.affiliation or person.role) and (opening := _next_bracket(line, at)) >= 0:
            closing = _closing(line, opening)
            bracket = opening + 1, closing
            # "A & B (Org)": the bracket of both stands behind the other one.
            if opening == stop:
                at = closing
        places.append((name, bracket))
    return places


def _next_bracket(line, at):
    return next((place for place in range(at, len(line)) if line[place] in _OPEN), -1)


def _tokens(line):
    """Yield ("text" | "bracket" | "separator", value) outside quotes, brackets read as wholes."""
    at, text = 0, ""
    while at < len(line):
        character = line[at]
        if character in _OPEN:
            end = _closing(line, at)
            content = line[at + 1 : end].strip()
            if _RETIRED.fullmatch(content):
                text += line[at : end + 1]  # belongs to the rank before it
            else:
                if text.strip():
                    yield "text", text.strip()
                text = ""
                yield "bracket", content
            at = end + 1
            continue
        is_word_start = at == 0 or line[at - 1] == " "
        word = _AND.match(line, at) if is_word_start else None
        if character in ";," or word:
            if text.strip():
                yield "text", text.strip()
            text = ""
            yield "separator", character if character in ";," else "and"
            at += len(word[0]) if word else 1
            continue
        text += character
        at += 1
    if text.strip():
        yield "text", text.strip()


def _closing(line, at):
    """Return the place of the bracket that closes the one at `at`; the end where none does."""
    depth = 0
    for place in range(at, len(line)):
        if line[place] in _OPEN:
            depth += 1
        elif line[place] in _CLOSE:
            depth -= 1
            if depth == 0:
                return place
    return len(line)


def _drafts(tokens):
    tokens = list(tokens)
    drafts: list[_Draft] = []
    remarks: list[str] = []
    current = _Draft()

    def end(by):
        nonlocal current
        if current.text or current.bracket:
            current.ended_by = by
            drafts.append(current)
        current = _Draft()

    for place, (kind, value) in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ("end", "")
        after = tokens[place + 2] if place + 2 < len(tokens) else ("end", "")
        if kind == "bracket":
            function = _function(value)
            if function:
                current.function = function
            elif current.bracket:
                current.bracket += f"; {value}"
            else:
                current.bracket = value
        elif kind == "text":
            _add_text(current, value, drafts)
        elif value == ",":
            if following[0] == "text" and _goes_on(current, following[1], after, tokens):
                current.text += ","
                if not _function(following[1]) and not is_suffix(following[1]):
                    current.is_inverted = True
            else:
                end(",")
        else:
            end(value)
    end("")
    _share_affiliations(drafts)
    return drafts, remarks


def _add_text(current, value, drafts):
    function = _function(value)
    if function and current.text:
        current.function = function
        current.text = current.text.rstrip(", ")
    elif function and not current.text and drafts:
        drafts[-1].function = function
    else:
        current.text = f"{current.text} {value}".strip()


def _function(text):
    return _FUNCTIONS.get(text.strip(" .:").casefold(), "")


def _goes_on(current, following, after, tokens):
    """Whether what follows a comma belongs to the same person: suffix, function, given name."""
    if is_suffix(following) or _function(following):
        return bool(current.text or current.bracket)
    if current.bracket or current.is_inverted or not current.text:
        return False
    if is_initials(following.split("“")[0].split('"')[0]):
        return True
    if not is_family_name(current.text) or len(following.split()) > 3:
        return False
    # "Kania, Elsa (CNAS)" and "Kania, Elsa; …": the comma is inside the one person.
    others = [value for kind, value in tokens if kind == "separator"]
    return (
        after[0] == "bracket"
        or after[1] == ";"
        or (others.count(",") == 1)
        or (after[0] == "end" and ";" in others)
    )


def _share_affiliations(drafts):
    """Give "A & B (Org)" the organisation on both sides; a comma before "and" shares nothing."""
    for place in range(len(drafts) - 2, -1, -1):
        draft, following = drafts[place], drafts[place + 1]
        if draft.ended_by == "and" and not draft.bracket and following.bracket:
            drafts[place] = replace(draft, bracket=following.bracket)
