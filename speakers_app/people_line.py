"""A line of speakers with affiliations, as old pages print it, taken apart into people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .affiliations import (
    cannot_be_a_name,
    is_position,
    looks_like_organisation,
    name_and_abbreviation,
    parse_affiliation,
    split_outside_brackets,
)
from .name_matching import fold_name
from .names import (
    ends_in_rank,
    former_name,
    has_title,
    is_family_name,
    is_initials,
    is_mark_of_rank,
    is_name_tail,
    is_of_names,
    is_pronouns,
    is_suffix,
    parse_person,
    without_title,
)

_FUNCTIONS = {
    "moderator": "moderator", "moderators": "moderator", "moderated by": "moderator",
    "moderating": "moderator", "facilitator": "moderator", "facilitators": "moderator",
    "facilitated by": "moderator", "host": "moderator", "hosts": "moderator",
    "hosted by": "moderator", "chair": "moderator", "chaired by": "moderator",
    "panelist": "panelist", "panelists": "panelist", "panellist": "panelist",
    "panellists": "panelist", "panel": "panelist", "discussant": "panelist",
    "discussants": "panelist", "respondent": "panelist", "respondents": "panelist",
    "speaker": "speaker", "speakers": "speaker", "presenter": "speaker", "presenters": "speaker",
    "featuring": "speaker", "presented by": "speaker", "keynote speaker": "speaker",
    "guest speaker": "speaker", "guest speakers": "speaker", "guest": "speaker",
    "guests": "speaker",
}  # fmt: skip
_NAMES_OF_FUNCTIONS = "|".join(sorted(map(re.escape, _FUNCTIONS), key=len, reverse=True))
_LABEL = re.compile(rf"({_NAMES_OF_FUNCTIONS})\s*(?::\s*|\s[–—-]\s+)", re.I)
_BEFORE_A_NAME = re.compile(
    r"((?:moderated|facilitated|hosted|chaired|presented) by|moderator|facilitator|discussant|panell?ist)"
    r"\s+(?=\S+\s+\S)",
    re.I,
)
# "with John Doe as moderator", "(serving as the chair)"
_AS = re.compile(
    r"(?:^|\s+)(?:(?:serving|acting|who served)\s+)?as\s+(?:(?:the|an?|our)\s+)?", re.I
)
_IS_OF_MANY = re.compile(r"s$|panel$", re.I)
_NOBODY = re.compile(
    r"(?:(?:guest )?speakers?|panel(?:l?ists?)?|moderators?)?\s*(?:tb[acd]|to be (?:announced|determined|"
    r"confirmed)|various(?: speakers?)?|multiple speakers?|et\.? al\.?|(?:many )?others|(?:and )?more|n/?a|"
    r"none|unknown|guest speakers?|speakers?)\.?",
    re.I,
)
_AND_OTHERS = re.compile(r",?\s+(?:et\.? al\.?|and others)$", re.I)
_AND = re.compile(
    r"(?:and|&|/|with|und|et(?!\.?\s+al)|plus|joined by|together with|as well as)(?=\s|$)"
)
_HARD = ";|•·\n"  # separators that stand between people, not within one
_DASH = re.compile(r"\s+[–—-]\s+|:\s+")
_OF_BODY = re.compile(r"(?P<name>.+?)\s+(?:of|from|at)\s+(?:the\s+)?(?P<body>\S.*)")
_LETTER = re.compile(r"[^\W\d_]")
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&/-]{1,11}")
# A person may be called so: with one word before it, it is not an organisation.
_SURNAMES_TOO = re.compile(
    r"\S+ (?:house|post|bank|press|college|school|union|company|fund|trust|labs?|times|review|desk|"
    r"command|group|project|church|temple|forum|services?|house)",
    re.I,
)
_TITLE_OF_NEXT = re.compile(r"(?:Dr|Prof|Mr|Mrs|Ms|Amb|Gen|Col|Adm|Capt|Maj|Lt)\.\s+[A-Z]")
# A full stop that ends the line, not an abbreviation.
_STOP_OF_LINE = re.compile(
    r"(?<=\w\w\w)(?<!\bInc)(?<!\bLtd)(?<!Corp)(?<!Univ)(?<!Dept)(?<!Inst)(?<!Assn)(?<!\bEsq)(?<!\bRet)(?<!\bret)\.+$"
)
_NAME_ENDS = re.compile(r"[(\[;]|\s(?:&|and)\s")
_OPEN, _CLOSE = "([{", ")]}"
MAX_NAME_WORDS = 6
MAX_BRACKET = 2000  # characters; a bracket that goes on for longer was left open


@dataclass(frozen=True)
class ParsedPerson:
    """One person of a line; empty text where nothing is printed.

    `other_name` is a maiden name or a second family name in brackets; `doubt` says what of the
    person was guessed.
    """

    family: str
    given_or_initial: str = ""
    honorific: str = ""
    suffix: str = ""
    nickname: str = ""
    affiliation: str = ""
    role: str = ""
    function: str = "speaker"
    other_name: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class KnownNames:
    """Names that decide where a line alone does not: folded, of the archive's records."""

    organisations: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()  # "given family"
    given_names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, organisations: Iterable[str], people: Iterable[tuple[str, str]]) -> "KnownNames":
        """Return what is known from names of organisations and (given, family) of people."""
        people = list(people)
        given_names = (given.split()[0] for given, _family in people if given.strip())
        return cls(
            frozenset(fold_name(name) for name in organisations if fold_name(name)),
            frozenset(fold_name(f"{given} {family}") for given, family in people if given),
            frozenset(fold_name(name) for name in given_names if not is_initials(name)),
        )

    def has_organisation(self, text: str) -> bool:
        return fold_name(name_and_abbreviation(text)[0]) in self.organisations

    def has_person(self, text: str) -> bool:
        return fold_name(without_title(text)) in self.people


NOTHING_KNOWN = KnownNames()


@dataclass
class _Part:
    """What stands between two separators: a text, the brackets behind it."""

    before: str = ""  # the separator: ",", ";", "and" as printed
    text: str = ""
    brackets: list[str] = field(default_factory=list)
    label: str = ""  # "Moderator" of "Moderator: …"
    is_hard: bool = False  # parts people, not what is told of one
    after_comma: bool = False  # ", and"

    @property
    def name(self):
        """The text without suffixes and ranks behind commas or in brackets."""
        return re.sub(r"\s*\([^()]*\)\s*", " ", self.text.partition(",")[0]).strip()

    @property
    def is_joined(self):
        return self.before not in ("", ",", ";")


@dataclass
class _Draft:
    """A person being read."""

    text: str
    before: str = ""
    after_comma: bool = False
    function: str = ""
    is_inverted: bool = False
    brackets: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)  # of an affiliation without brackets
    other_name: str = ""
    doubt: str = ""

    @property
    def name_words(self):
        return without_title(self.text.partition(",")[0]).split()

    @property
    def has_affiliation(self):
        return bool(self.brackets or self.pieces)


def parse_people_line(
    line: str, function: str = "speaker", known: KnownNames = NOTHING_KNOWN
) -> tuple[list[ParsedPerson], list[str]]:
    """Return the people of a line in printed order, and what was not understood, verbatim.

    `function` is what the line's label says they are: speaker, panelist or moderator. `known`
    decides where a text may be a person or a body. Line breaks stand between people.
    """
    parts = _with_tails(_with_known_bodies(_parts(_as_one_line(line)), known))
    drafts, remarks = _drafts(parts, known)
    _share_affiliations(drafts)
    people = []
    for draft in drafts:
        name = parse_person(draft.text, is_inverted=draft.is_inverted)
        if not name.family:
            rest = " ".join([draft.text, *draft.brackets]).strip(" .,:")
            if rest:
                remarks.append(rest)
            continue
        affiliation = parse_affiliation("; ".join(_bodies(draft, known)))
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
                other_name=draft.other_name or name.other,
                doubt=draft.doubt,
            )
        )
    return people, remarks


def _as_one_line(text):
    """Return a text with line breaks as separators, except where a line goes on in the next."""
    text = re.sub(r"\(s\)\s*:", ":", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    joined = ""
    for line in filter(None, lines):
        goes_on = re.search(r"(?:[,;&(:–—-]|\band|\bwith)$", joined) or re.match(
            r"[(\[;,&a-z]|and\b", line
        )
        joined += f"{' ' if goes_on or not joined else chr(10)}{line}"
    return joined.strip(" ")


Span = tuple[int, int]


def person_spans(line: str, people: list[ParsedPerson]) -> list[tuple[Span | None, Span | None]]:
    """Return where each person's name and affiliation stand in the line, brackets left out.

    `people` are those that `parse_people_line` found in it, in order. None where something is not
    found as it was printed, or is not there.
    """
    places: list[tuple[Span | None, Span | None]] = []
    at = 0
    for person in people:
        match = re.compile(rf"(?<!\w){re.escape(person.family)}(?!\w)").search(line, at)
        if not match:
            places.append((None, None))
            continue
        ends = _NAME_ENDS.search(line, match.end())
        stop = ends.start() if ends else len(line)
        spans = [match.span()]
        for word in (person.honorific, person.given_or_initial, person.nickname, person.suffix):
            if word and (start := line.find(word, at, stop)) >= 0:
                spans.append((start, start + len(word)))
        name = min(start for start, _ in spans), max(end for _, end in spans)
        at = name[1]
        affiliation = None
        if person.affiliation or person.role:
            affiliation = _without_bracket(person, line, at, stop)
            if affiliation:
                at = affiliation[1]
            elif (opening := _next_bracket(line, at)) >= 0:
                closing = _closing(line, opening)
                affiliation = opening + 1, closing
                # "A & B (Org)": the bracket of both stands behind the other one.
                if opening == stop:
                    at = closing
        places.append((name, affiliation))
    return places


def _without_bracket(person, line, at, stop):
    """Return where "Role, Organisation" stands behind a name and before any bracket, or None."""
    spans = [
        (start, start + len(text))
        for text in (person.role, person.affiliation)
        if text and (start := line.find(text, at, stop + len(text))) >= 0 and start <= stop
    ]
    if not spans or line[at : spans[0][0]].strip(" ,–—-") not in ("", "of", "at", "from"):
        return None
    return min(start for start, _ in spans), max(end for _, end in spans)


def _next_bracket(line, at):
    return next((place for place in range(at, len(line)) if line[place] in _OPEN), -1)


def _parts(line):
    """Return the parts of a line; brackets that belong to a name stay in its text."""
    parts, current = [], _Part()

    def end(before):
        nonlocal current
        is_hard, after_comma = before == ";", False
        if current.text.strip() or current.brackets or current.label:
            parts.append(current)
        else:  # ", and", "; and"
            is_hard = is_hard or current.is_hard
            after_comma = current.before in (",", ";")
        current = _Part(before, is_hard=is_hard, after_comma=after_comma)

    at = 0
    while at < len(line):
        character = line[at]
        if character in _OPEN:
            closing = _closing(line, at)
            content = " ".join(line[at + 1 : closing].split()).strip(" ,;")
            at = closing + (line[closing : closing + 1] in tuple(_CLOSE))
            rest = line[at:].lstrip(" .")
            goes_on = bool(rest) and rest[0] not in f"{_HARD}{_OPEN}{_CLOSE},:–—-/&"
            goes_on = goes_on and not _AND.match(rest)
            if not content or is_pronouns(content):
                continue
            follows_rank = ends_in_rank(current.text)
            if (
                is_mark_of_rank(content, follows_rank=follows_rank)
                or (former_name(content) and not looks_like_organisation(former_name(content)))
                or (goes_on and _is_nickname(current.text, content, rest))
            ):
                current.text += f" ({content}) "
            else:
                current.brackets.append(content)
                if goes_on:
                    end(";")
            continue
        is_word_start = at == 0 or line[at - 1] in " \n)]"
        match = _AND.match(line, at) if is_word_start else None
        word = match[0] if match else ""
        if character == "/" and at and line[at - 1] in _CLOSE:
            word = "/"
        if character in _HARD or character == "," or word:
            end(word or ("," if character == "," else ";"))
            at += len(word) or 1
            continue
        label = (
            _LABEL.match(line, at)
            if not current.text.strip(" .") and not current.brackets
            else None
        )
        if label:
            current.label = label[1]
            at = label.end()
            continue
        if is_word_start and _TITLE_OF_NEXT.match(line, at) and _is_complete(current):
            end(";")  # "Dr. Jane Roe Dr. John Doe"
        current.text += character
        at += 1
    end("")
    for part in parts:
        text = re.sub(r"\s[.:*]+(?=\s|$)", " ", part.text)  # lone full stops and marks
        text = _STOP_OF_LINE.sub("", text.strip())
        part.text = " ".join(text.split()).lstrip(" .:–—-").rstrip(" :–—-")
    return parts


def _is_complete(part):
    words = without_title(part.text.strip()).split()
    return len(words) > 1 and not part.brackets and not ends_in_rank(part.text.strip())


def _is_nickname(before, content, rest):
    """Whether a bracket stands inside a name: "Robert (Bob) Smith", "William J. (Bill) Hale"."""
    words = without_title(before.strip()).split()
    following = re.split(r"[(\[,;]|\s(?:and|&)\s", rest)[0].split()
    is_name = len(content.split()) <= 2 and not looks_like_organisation(content)
    is_unfinished = len(words) == 1 or (bool(words) and is_initials(words[-1]))
    return is_name and bool(words) and (is_unfinished or len(following) == 1)


def _closing(line, at):
    """Return the place of the bracket that closes the one at `at`; of a person's end where none does."""
    depth, end = 0, min(len(line), at + MAX_BRACKET)
    for place in range(at, end):
        if line[place] in _OPEN:
            depth += 1
        elif line[place] in _CLOSE:
            depth -= 1
            if depth == 0:
                return place
    # Left open: it ends before the next person, or with the next bracket that closes.
    stop = re.compile(r"[)\]]|[;\n]|,(?=[^,()\[\]]*[(\[])|\s(?:and|&)\s").search(line, at, end)
    return stop.start() if stop else end


def _with_known_bodies(parts, known):
    """Join what is known as one body: "Blue Harbor and Partners", "Acme, Inc."."""
    joined: list[_Part] = []
    for part in parts:
        before = joined[-1] if joined else None
        if before is not None and not (part.is_hard or part.label or before.brackets):
            separator = ", " if part.before == "," else f" {part.before} "
            whole = f"{before.text}{separator}{part.text}"
            if known.has_organisation(whole):
                before.text, before.brackets = whole, part.brackets
                continue
        joined.append(part)
    return joined


def _with_tails(parts):
    """Join suffixes, ranks and services behind commas to the name before them."""
    joined: list[_Part] = []
    for place, part in enumerate(parts):
        following = parts[place + 1].text if place + 1 < len(parts) else ""
        is_tail = (
            joined
            and part.before == ","
            and joined[-1].text
            and is_name_tail(part.text, following)
            # "Doe, J.D." are initials, unless the name is complete.
            and not (is_initials(part.text) and is_family_name(joined[-1].text))
        )
        if is_tail:
            joined[-1].text += f", {part.text}"
            joined[-1].brackets += part.brackets
        else:
            joined.append(part)
    return joined


def _drafts(parts, known):
    """Return the people of all parts, and what names nobody."""
    drafts: list[_Draft] = []
    remarks: list[str] = []
    function, function_of_one = "", ""
    groups: list[list[_Part]] = []
    for part in parts:
        if part.is_hard or part.label or not groups:
            groups.append([])
        groups[-1].append(part)
    has_hard = sum(part.is_hard for part in parts) > 0
    tells_bodies = any(
        _kind(part.text, known) in ("body", "role")
        for group in groups
        for part in group[1:]
        if not part.brackets
    )
    for group in groups:
        if group[0].label:
            told = _FUNCTIONS[group[0].label.casefold()]
            is_of_many = _IS_OF_MANY.search(group[0].label)
            function, function_of_one = (told, "") if is_of_many else ("", told)
        reader = _Group(group, drafts, remarks, known, has_hard and tells_bodies)
        first = len(drafts)
        reader.read()
        for draft in drafts[first:]:
            draft.function = draft.function or function_of_one or function
        if drafts[first:]:
            function_of_one = ""
    return drafts, remarks


def _kind(text, known):
    """Return what a text seems to be: "person" and "body" for certain, "role", or by its looks
    "name" (of a person, as far as one sees), "word" (one), "other"."""
    if known.has_person(text):
        return "person"
    if known.has_organisation(text):
        return "body"
    rest = without_title(text)
    is_titled = has_title(text) and _begins_as_name(rest) and not is_position(rest)
    if is_titled and (len(rest.split()) < 3 or not looks_like_organisation(rest)):
        return "person"
    if is_position(text):
        return "role"
    if not _SURNAMES_TOO.fullmatch(text) and (
        looks_like_organisation(text) or cannot_be_a_name(text)
    ):
        return "body"
    words = text.split()
    if len(words) == 1:
        return "word"
    are_names = all(_begins_as_name(word) or is_of_names(word) for word in words)
    return "name" if are_names and len(words) <= MAX_NAME_WORDS else "other"


def _begins_as_name(text):
    letter = _LETTER.search(text)
    return letter is not None and letter[0] == letter[0].upper()


def _function(text):
    return _FUNCTIONS.get(_AS.sub("", text.strip(" .:"), count=1).casefold(), "")


class _Group:
    """The parts between two hard separators, read into drafts."""

    def __init__(self, parts, drafts, remarks, known, is_list_of_pairs):
        self.parts = parts
        self.drafts = drafts
        self.remarks = remarks
        self.known = known
        self.is_list_of_pairs = is_list_of_pairs  # "A, Body; B, Body": a comma parts no people
        self.current: Any = None  # the _Draft being read; None before the first
        self.function = ""
        self.has_titles = all(_kind(part.text, known) == "person" for part in parts[::2])

    def read(self):
        are_pairs = self._are_single_words_pairs()
        for place, part in enumerate(self.parts):
            following = self.parts[place + 1] if place + 1 < len(self.parts) else None
            self._functions_of(part)
            if not _LETTER.search(part.text):
                self._add_brackets(part)
                self._tell_function()
                continue
            if _NOBODY.fullmatch(part.text):
                self.remarks.append(" ".join([part.text, *part.brackets]))
                continue
            if match := _AND_OTHERS.search(part.text):
                self.remarks.append(match[0].strip(" ,"))
                part.text = part.text[: match.start()]
            if function := _function(part.text):
                self._add_brackets(part)
                if self.current:
                    self.current.function = function
                elif self.drafts and _AS.match(part.text):
                    self.drafts[-1].function = function
                elif following is None:
                    self.remarks.append(part.text)  # of nobody
                else:
                    self.function = function
                continue
            if self.current and self._is_given(part, following, are_pairs and place % 2 == 1):
                self._add_given(
                    part, is_guess=are_pairs and len(self.parts) > 2 and not is_initials(part.text)
                )
            elif self.current:
                self._read_further(place, part, following)
            else:
                self._read_first(part, following)
            self._tell_function()

    def _tell_function(self):
        if self.function and self.current:
            self.current.function, self.function = self.function, ""

    def _functions_of(self, part):
        """Take "Moderator" out of a part's brackets, and from before or behind its name."""
        if match := _BEFORE_A_NAME.match(part.text):
            self.function = _FUNCTIONS[" ".join(match[1].casefold().split())]
            part.text = part.text[match.end() :]
            if self.current:
                self._close()
        if (match := _DASH.search(part.text)) and _function(part.text[match.end() :]):
            part.brackets.append(part.text[match.end() :])
            part.text = part.text[: match.start()]
        if (
            (match := _AS.search(part.text))
            and match.start()
            and _function(match.string[match.start() :])
        ):
            part.brackets.append(part.text[match.start() :])
            part.text = part.text[: match.start()]
        brackets, told = [], ""
        for content in part.brackets:
            kept = [
                ", ".join(
                    item for item in split_outside_brackets(piece, ",") if not _function(item)
                )
                for piece in split_outside_brackets(content, ";")
            ]
            functions = [
                _function(item)
                for piece in split_outside_brackets(content, ";")
                for item in split_outside_brackets(piece, ",")
                if _function(item)
            ]
            told = functions[0] if functions else told
            if content := ("; ".join(filter(None, kept)) if functions else content):
                brackets.append(content)
        part.brackets = [content for content in brackets if not _NOBODY.fullmatch(content)]
        self.remarks += [content for content in brackets if _NOBODY.fullmatch(content)]
        self.function = told or self.function

    def _close(self):
        self.current = None

    def _add_brackets(self, part):
        target = self.current or (self.drafts[-1] if self.drafts else None)
        if target is None:
            self.remarks += part.brackets
        elif part.brackets:
            target.brackets += part.brackets

    def _start(self, part):
        draft = _Draft(part.text, part.before, part.after_comma, brackets=list(part.brackets))
        draft.function, self.function = self.function, ""
        before, self.current = self.current, draft
        self._split_name_and_body(draft)
        if (
            before is not None
            and part.is_joined
            and before is self.drafts[-1]
            and part is self.parts[1]
            and len(before.text.split()) == 1
            and not (before.has_affiliation or before.is_inverted or is_initials(before.text))
            and len(draft.name_words) > 1
            and not has_title(draft.text)
        ):
            family = parse_person(draft.text).family
            before.doubt = f"“{before.text}” was given the family name of {draft.text}."
            before.text = f"{before.text} {family}"
        self.drafts.append(draft)
        _take_other_name(draft, self.known)

    def _split_name_and_body(self, draft):
        """Take the affiliation off "Jane Roe – CNA" and "Jane Roe of CNA"."""
        name_and_body = self._name_and_body(draft.text)
        if not name_and_body:
            return
        draft.text, body = name_and_body
        kind = _kind(body, self.known)
        if kind in ("name", "other") or (kind == "word" and not self._is_body(body)):
            draft.doubt = f"“{body}” was read as the affiliation of {draft.text}."
        draft.pieces.append(body)

    def _name_and_body(self, text):
        """Return (name, body) of "Jane Roe – CNA" and "Jane Roe of CNA", or None."""
        if match := _DASH.search(text):
            name, body = text[: match.start()], text[match.end() :]
            if not _LETTER.search(body) or (match[0][0] == ":" and not self._is_body(body)):
                return None
        elif (match := _OF_BODY.fullmatch(text)) and self._is_body(match["body"]):
            name, body = match["name"], match["body"]
        else:
            return None
        is_name = has_title(name) or (
            len(name.split()) > 1
            and _kind(name, self.known) in ("name", "person")
            and not looks_like_organisation(name)
        )
        return (name, body) if is_name else None

    def _is_body(self, text):
        return _kind(text, self.known) == "body" or bool(_ACRONYM.fullmatch(text))

    def _read_first(self, part, following):
        kind = _kind(part.name, self.known)
        is_family = (
            following is not None
            and following.before == ","
            and is_family_name(part.name)
            and not self.known.has_organisation(part.name)
        )
        if kind == "body" and self._name_and_body(part.text):
            kind = "name"
        if is_family or kind not in ("body", "role") or not (self.drafts or part.text.count(" ")):
            self._start(part)
            name = _Part(text=self.current.text).name
            if _kind(name, self.known) == "other" and not name.islower():
                self.current.doubt = f"“{name}” may not be the name of a person."
            return
        if kind == "role" and not self.drafts:
            self._start(part)
            return
        if not self.drafts:
            self.remarks.append(
                " ".join([part.text, *(f"({bracket})" for bracket in part.brackets)])
            )
            return
        # "A; Body; B; Body"
        before = self.drafts[-1]
        if not self.known.has_organisation(part.text):
            guess = f"“{part.text}” was read as the affiliation of {before.text}."
            before.doubt = before.doubt or guess
        before.pieces.append(_with_brackets(part))

    def _read_further(self, place, part, following):
        """Read a part behind a person: it is of the affiliation, or the next person."""
        current, kind = self.current, _kind(part.text, self.known)
        whole = f"{current.pieces[-1]} {part.before} {part.text}" if current.pieces else ""
        if (part.is_joined and whole) and (
            self.known.has_organisation(whole) or self._goes_on(current.pieces[-1], kind, part)
        ):
            current.pieces[-1] = _with_brackets(replace(part, text=whole))
            return
        if kind == "person" or (kind == "body" and self._name_and_body(part.text)):
            self._start(part)
        elif kind in ("body", "role"):
            self._add_piece(part, is_guess=part.is_joined and not current.has_affiliation)
        elif kind == "word":
            is_full = len(current.name_words) > 1 or has_title(current.text)
            if part.is_joined or part.brackets or not is_full or current.brackets:
                self._start(part)
            elif current.pieces and not is_position(current.pieces[-1]):
                current.pieces[-1] += f", {part.text}"  # a campus, a place
            else:
                self._add_piece(part, is_guess=not self.known.has_organisation(part.text))
        elif not part.brackets and (
            (not part.is_joined and self._is_place_of_body(place, part, following))
            or (kind == "other" and len(current.name_words) > 1)
        ):
            self._add_piece(part, is_guess=True)
        else:
            is_alone = len(self.parts) == 2 and not (part.is_joined or part.brackets)
            is_alone = is_alone and not _IS_OF_MANY.search(self.parts[0].label)
            is_open = is_alone and kind == "name" and not current.has_affiliation
            self._start(part)
            if is_open and len(current.name_words) > 1:
                self.current.doubt = f"“{part.text}” may be the affiliation of {current.text}."

    def _goes_on(self, piece, kind, part):
        """Whether "and" stands inside a body's name or a role: "Ministry of Trade and Industry"."""
        if kind == "person" or (kind == "name" and not is_position(piece)):
            return False
        if kind in ("body", "word") and self.known.has_organisation(piece):
            return False
        are_acronyms = _ACRONYM.fullmatch(piece) and _ACRONYM.fullmatch(part.text)
        if kind == "name":
            return False
        return not are_acronyms

    def _is_place_of_body(self, place, part, following):
        """Whether a body is due where something like a name stands."""
        current = self.current
        if current.pieces and is_position(current.pieces[-1]):
            kind = _kind(following.text, self.known) if following else "end"
            return kind not in ("body", "role")  # "Director, Blue Harbor"
        if current.has_affiliation:
            return False
        if _SURNAMES_TOO.fullmatch(part.text):  # "Freedom House", unless it is Kate House
            return fold_name(part.text.split()[0]) not in self.known.given_names
        if self.is_list_of_pairs and len(self.parts) == 2:
            return True  # "A, CNA; B, Blue Harbor"
        # "Dr. A, Blue Harbor, Dr. B, Green Valley"
        return self.has_titles and len(self.parts) % 2 == 0 and len(self.parts) > 2

    def _add_piece(self, part, *, is_guess):
        text = _with_brackets(part)
        if is_guess and not self.current.doubt:
            name = self.current.text
            self.current.doubt = f"“{text}” was read as the affiliation of {name}."
        joins = part.is_joined and self.current.pieces and is_position(part.text)
        if joins and is_position(self.current.pieces[-1]):
            self.current.pieces[-1] += f" {part.before} {text}"
        else:
            self.current.pieces.append(text)

    def _add_given(self, part, *, is_guess):
        current = self.current
        if current.brackets:  # "Kania (Thorne), Elsa"
            current.other_name = current.brackets.pop()
        family, comma, tails = current.text.partition(",")
        current.text = f"{family}, {part.text}{comma}{tails}"
        current.is_inverted = True
        current.brackets += part.brackets
        if len(current.brackets) > 1 and _is_like_a_name(current.brackets[0], self.known):
            current.text += f" ({current.brackets.pop(0)})"  # a nickname
        if is_guess:
            current.doubt = f"“{current.text}” was read as one person."
        current.function, self.function = current.function or self.function, ""

    def _is_given(self, part, following, is_of_pair):
        """Whether a part is the given name of the family name before it: "Kania, Elsa"."""
        current, text, known = self.current, part.text, self.known
        if part.before != "," or current.pieces or current.is_inverted:
            return False
        family = current.text.partition(",")[0]
        bare = re.split(r"[“\"„(,]", text)[0]
        if current.brackets and not (
            len(current.brackets) == 1
            and is_family_name(family)
            and _is_like_a_name(current.brackets[0], known)
        ):
            return False
        if is_initials(bare):
            return True
        if has_title(family) or _kind(text, known) == "role" or known.has_organisation(text):
            return False
        given = without_title(bare).split()
        if known.has_person(f"{' '.join(given)} {family}"):
            return True
        is_body = _kind(text, known) == "body"
        if is_body or known.has_person(text) or not given or not _begins_as_name(given[0]):
            return False
        if is_family_name(family):
            if self._are_all_single_words() and len(self.parts) > 2:
                return is_of_pair
            if len(given) > 3 or is_suffix(text):
                return False
            ends = (
                part.brackets
                or following is None
                or following.before != ","
                or _kind(following.text, known) in ("role", "body")
                or bool(_function(following.text))
            )
            return bool(ends) or len(given) == 1
        # "Núñez Ibarra, José (CSIC)"
        is_known = fold_name(given[0]) in known.given_names
        return len(given) == 1 and (is_known or (bool(part.brackets) and len(family.split()) == 2))

    def _are_all_single_words(self):
        return all(
            len(part.text.partition(",")[0].split()) == 1
            and (place == len(self.parts) - 1 or not part.brackets)
            for place, part in enumerate(self.parts)
        )

    def _are_single_words_pairs(self):
        """Whether all are "Smith, John, Doe, Jane": not "Smith, Jones and Brown"."""
        return (
            self._are_all_single_words()
            and len(self.parts) % 2 == 0
            and all(part.before == "," for part in self.parts[1::2])
        )


def _is_like_a_name(text, known):
    return (
        len(text.split()) == 1
        and _begins_as_name(text)
        and not text.isupper()
        and not looks_like_organisation(text)
        and not known.has_organisation(text)
    )


def _take_other_name(draft, known):
    """Take a second family name out of the brackets: "Ana Ruiz (Ortega) (UNAM)"."""
    if not draft.brackets or not _is_like_a_name(draft.brackets[0], known):
        return
    name = parse_person(draft.text)
    second = draft.brackets[0]
    is_known = known.has_person(f"{draft.text} {second}") or known.has_person(
        f"{name.given} {second}"
    )
    if fold_name(second) in known.given_names and len(draft.brackets) > 1:
        draft.text += f" ({draft.brackets.pop(0)})"  # a nickname
    elif is_known or len(draft.brackets) > 1:
        draft.other_name = draft.brackets.pop(0)
        if not is_known:
            draft.doubt = f"“{second}” was read as another name of {draft.text}."


def _with_brackets(part):
    """Return "Center for a New American Security (CNAS)"; a role's bracket names the body."""
    if not part.brackets:
        return part.text
    if is_position(part.text):
        return ", ".join([part.text, *part.brackets])
    if any(not _may_abbreviate(content, part.text) for content in part.brackets):
        return "; ".join([part.text, *part.brackets])
    return " ".join([part.text, *(f"({bracket})" for bracket in part.brackets)])


def _may_abbreviate(content, name):
    """Whether a bracket goes on with a body's name: its acronym, its place, not another body."""
    if not _ACRONYM.fullmatch(content):
        return not looks_like_organisation(content)
    return content[0].casefold() in {word[0].casefold() for word in name.split()}


def _bodies(draft, known):
    """Return the affiliations of a draft; "CNA and RAND" and "CNA / RAND" are two."""
    names = [", ".join(_whole_bodies(draft.pieces))] if draft.pieces else []
    for content in draft.brackets:
        halves = re.split(r"\s+(?:and|&|/)\s+", content)
        are_bodies = len(halves) > 1 and all(
            known.has_organisation(half) or _ACRONYM.fullmatch(half) for half in halves
        )
        names += halves if are_bodies else [content]
    return names


def _whole_bodies(pieces):
    """Join with "; " what are several bodies, so that a comma stays inside one."""
    joined: list[str] = []
    for piece in pieces:
        are_acronyms = joined and _ACRONYM.fullmatch(piece) and _ACRONYM.fullmatch(joined[-1])
        is_further = are_acronyms and not any(map(str.isdigit, joined[-1] + piece))  # "J5, EUCOM"
        if is_further:
            joined[-1] += f"; {piece}"
        else:
            joined.append(piece)
    return joined


def _share_affiliations(drafts):
    """Give "A & B (Org)" the organisation on both sides, and "A; B; and C (Org)" to all three.

    A comma before "and" shares nothing where others have affiliations of their own.
    """
    with_one = [draft for draft in drafts if draft.has_affiliation]
    is_of_all = (
        len(drafts) > 1 and with_one == drafts[-1:] and drafts[-1].before not in ("", ",", ";")
    )
    for place in range(len(drafts) - 2, -1, -1):
        draft, following = drafts[place], drafts[place + 1]
        is_joined = following.before not in ("", ",", ";")
        if draft.has_affiliation or not following.has_affiliation:
            continue
        if is_of_all or (is_joined and not following.after_comma):
            draft.brackets, draft.pieces = list(following.brackets), list(following.pieces)
