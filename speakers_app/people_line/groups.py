"""The parts of a line read into people: names, affiliations and what they do."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from speakers_app.names.comparison import fold_name
from speakers_app.names.parsing import (
    has_title,
    is_initials,
    is_only_suffixes,
    may_be_family_name,
    parse_person_name,
    without_title,
)

from .affiliations import begins_with_position, looks_like_organisation, split_outside_brackets
from .function_words import (
    AS_BEFORE_FUNCTION,
    FUNCTION_BEFORE_NAME,
    FUNCTION_OF_WORD,
    PLURAL_LABEL,
    function_of_text,
)
from .known_names import (
    LETTER,
    ORGANISATION_OR_FULL_NAME_PATTERN,
    begins_with_capital,
    kind_of_text,
    looks_like_single_name,
)
from .parts import LinePart

_PLACEHOLDER_FOR_NAME = re.compile(
    r"(?:(?:guest )?speakers?|panel(?:l?ists?)?|moderators?)?\s*(?:tb[acd]|to be (?:announced|determined|"
    r"confirmed)|various(?: speakers?)?|multiple speakers?|et\.? al\.?|(?:many )?others|(?:and )?more|n/?a|"
    r"none|unknown|guest speakers?|speakers?)\.?",
    re.I,
)
_AND_OTHERS = re.compile(r",?\s+(?:et\.? al\.?|and others)$", re.I)
_DASH_OR_COLON = re.compile(r"\s+[–—-]\s+|:\s+")
_NAME_THEN_ORGANISATION = re.compile(r"(?P<name>.+?)\s+(?:of|from|at)\s+(?:the\s+)?(?P<body>\S.*)")
ACRONYM = re.compile(r"[A-Z][A-Z0-9&/-]{1,11}")


@dataclass
class PersonDraft:
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


def read_person_drafts(parts, known):
    """Return the people of all parts, and what names nobody."""
    drafts: list[PersonDraft] = []
    remarks: list[str] = []
    function, function_of_one = "", ""
    groups: list[list[LinePart]] = []
    for part in parts:
        if part.is_hard or part.label or not groups:
            groups.append([])
        groups[-1].append(part)
    has_hard = sum(part.is_hard for part in parts) > 0
    tells_bodies = any(
        kind_of_text(part.text, known) in ("body", "role")
        for group in groups
        for part in group[1:]
        if not part.brackets
    )
    for group in groups:
        if group[0].label:
            told = FUNCTION_OF_WORD[group[0].label.casefold()]
            is_of_many = PLURAL_LABEL.search(group[0].label)
            function, function_of_one = (told, "") if is_of_many else ("", told)
        reader = _GroupReader(group, drafts, remarks, known, has_hard and tells_bodies)
        first = len(drafts)
        reader.read()
        for draft in drafts[first:]:
            draft.function = draft.function or function_of_one or function
        if drafts[first:]:
            function_of_one = ""
    return drafts, remarks


class _GroupReader:
    """The parts between two hard separators, read into drafts."""

    def __init__(self, parts, drafts, remarks, known, is_list_of_pairs):
        self.parts = parts
        self.drafts = drafts
        self.remarks = remarks
        self.known = known
        # "A, Body; B, Body": a comma does not separate people
        self.is_list_of_pairs = is_list_of_pairs
        self.current: Any = None  # the PersonDraft being built; None before the first
        self.function = ""
        self.has_titles = all(kind_of_text(part.text, known) == "person" for part in parts[::2])

    def read(self):
        are_pairs = self._are_family_given_pairs()
        for place, part in enumerate(self.parts):
            following = self.parts[place + 1] if place + 1 < len(self.parts) else None
            self._take_out_functions(part)
            if not LETTER.search(part.text):
                self._add_brackets(part)
                self._assign_pending_function()
                continue
            if _PLACEHOLDER_FOR_NAME.fullmatch(part.text):
                self.remarks.append(" ".join([part.text, *part.brackets]))
                continue
            if match := _AND_OTHERS.search(part.text):
                self.remarks.append(match[0].strip(" ,"))
                part.text = part.text[: match.start()]
            if function := function_of_text(part.text):
                self._add_brackets(part)
                if self.current:
                    self.current.function = function
                elif self.drafts and AS_BEFORE_FUNCTION.match(part.text):
                    self.drafts[-1].function = function
                elif following is None:
                    self.remarks.append(part.text)  # belongs to nobody
                else:
                    self.function = function
                continue
            if self.current and self._is_given_name(part, following, are_pairs and place % 2 == 1):
                self._add_given_name(
                    part, is_guess=are_pairs and len(self.parts) > 2 and not is_initials(part.text)
                )
            elif self.current:
                self._read_further_part(place, part, following)
            else:
                self._read_first_part(part, following)
            self._assign_pending_function()

    def _assign_pending_function(self):
        if self.function and self.current:
            self.current.function, self.function = self.function, ""

    def _take_out_functions(self, part):
        """Take "Moderator" out of a part's brackets, and from before or behind its name."""
        if match := FUNCTION_BEFORE_NAME.match(part.text):
            self.function = FUNCTION_OF_WORD[" ".join(match[1].casefold().split())]
            part.text = part.text[match.end() :]
            if self.current:
                self._end_person()
        if (match := _DASH_OR_COLON.search(part.text)) and function_of_text(
            part.text[match.end() :]
        ):
            part.brackets.append(part.text[match.end() :])
            part.text = part.text[: match.start()]
        if (
            (match := AS_BEFORE_FUNCTION.search(part.text))
            and match.start()
            and function_of_text(match.string[match.start() :])
        ):
            part.brackets.append(part.text[match.start() :])
            part.text = part.text[: match.start()]
        brackets, told = [], ""
        for content in part.brackets:
            kept = [
                ", ".join(
                    item
                    for item in split_outside_brackets(piece, ",")
                    if not function_of_text(item)
                )
                for piece in split_outside_brackets(content, ";")
            ]
            functions = [
                function_of_text(item)
                for piece in split_outside_brackets(content, ";")
                for item in split_outside_brackets(piece, ",")
                if function_of_text(item)
            ]
            told = functions[0] if functions else told
            if content := ("; ".join(filter(None, kept)) if functions else content):
                brackets.append(content)
        part.brackets = [
            content for content in brackets if not _PLACEHOLDER_FOR_NAME.fullmatch(content)
        ]
        self.remarks += [
            content for content in brackets if _PLACEHOLDER_FOR_NAME.fullmatch(content)
        ]
        self.function = told or self.function

    def _end_person(self):
        self.current = None

    def _add_brackets(self, part):
        target = self.current or (self.drafts[-1] if self.drafts else None)
        if target is None:
            self.remarks += part.brackets
        elif part.brackets:
            target.brackets += part.brackets

    def _start_person(self, part):
        draft = PersonDraft(part.text, part.before, part.after_comma, brackets=list(part.brackets))
        draft.function, self.function = self.function, ""
        before, self.current = self.current, draft
        self._split_name_and_body(draft)
        if (
            before is not None
            and part.follows_conjunction
            and before is self.drafts[-1]
            and part is self.parts[1]
            and len(before.text.split()) == 1
            and not (before.has_affiliation or before.is_inverted or is_initials(before.text))
            and len(draft.name_words) > 1
            and not has_title(draft.text)
        ):
            family = parse_person_name(draft.text).family
            before.doubt = f"“{before.text}” was given the family name of {draft.text}."
            before.text = f"{before.text} {family}"
        self.drafts.append(draft)
        _move_other_name_from_brackets(draft, self.known)

    def _split_name_and_body(self, draft):
        """Take the affiliation off "Jane Roe – CNA" and "Jane Roe of CNA"."""
        name_and_body = self._name_and_body(draft.text)
        if not name_and_body:
            return
        draft.text, body = name_and_body
        kind = kind_of_text(body, self.known)
        if kind in ("name", "other") or (kind == "word" and not self._is_organisation(body)):
            draft.doubt = f"“{body}” was read as the affiliation of {draft.text}."
        draft.pieces.append(body)

    def _name_and_body(self, text):
        """Return (name, body) of "Jane Roe – CNA" and "Jane Roe of CNA", or None."""
        if match := _DASH_OR_COLON.search(text):
            name, body = text[: match.start()], text[match.end() :]
            if not LETTER.search(body) or (match[0][0] == ":" and not self._is_organisation(body)):
                return None
        elif (match := _NAME_THEN_ORGANISATION.fullmatch(text)) and self._is_organisation(
            match["body"]
        ):
            name, body = match["name"], match["body"]
        else:
            return None
        is_name = has_title(name) or (
            len(name.split()) > 1
            and kind_of_text(name, self.known) in ("name", "person")
            and not looks_like_organisation(name)
        )
        return (name, body) if is_name else None

    def _is_organisation(self, text):
        return kind_of_text(text, self.known) == "body" or bool(ACRONYM.fullmatch(text))

    def _read_first_part(self, part, following):
        kind = kind_of_text(part.name, self.known)
        is_family = (
            following is not None
            and following.before == ","
            and may_be_family_name(part.name)
            and not self.known.has_organisation(part.name)
        )
        if kind == "body" and self._name_and_body(part.text):
            kind = "name"
        if is_family or kind not in ("body", "role") or not (self.drafts or part.text.count(" ")):
            self._start_person(part)
            name = LinePart(text=self.current.text).name
            if kind_of_text(name, self.known) == "other" and not name.islower():
                self.current.doubt = f"“{name}” may not be the name of a person."
            return
        if kind == "role" and not self.drafts:
            self._start_person(part)
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
        before.pieces.append(_text_with_brackets(part))

    def _read_further_part(self, place, part, following):
        """Read a part behind a person: it is of the affiliation, or the next person."""
        current, kind = self.current, kind_of_text(part.text, self.known)
        whole = f"{current.pieces[-1]} {part.before} {part.text}" if current.pieces else ""
        if (part.follows_conjunction and whole) and (
            self.known.has_organisation(whole)
            or self._continues_organisation(current.pieces[-1], kind, part)
        ):
            current.pieces[-1] = _text_with_brackets(replace(part, text=whole))
            return
        if kind == "person" or (kind == "body" and self._name_and_body(part.text)):
            self._start_person(part)
        elif kind in ("body", "role"):
            self._add_affiliation_piece(
                part, is_guess=part.follows_conjunction and not current.has_affiliation
            )
        elif kind == "word":
            is_full = len(current.name_words) > 1 or has_title(current.text)
            if part.follows_conjunction or part.brackets or not is_full or current.brackets:
                self._start_person(part)
            elif current.pieces and not begins_with_position(current.pieces[-1]):
                current.pieces[-1] += f", {part.text}"  # a campus, a place
            else:
                self._add_affiliation_piece(
                    part, is_guess=not self.known.has_organisation(part.text)
                )
        elif not part.brackets and (
            (not part.follows_conjunction and self._is_body_expected(place, part, following))
            or (kind == "other" and len(current.name_words) > 1)
        ):
            self._add_affiliation_piece(part, is_guess=True)
        else:
            is_alone = len(self.parts) == 2 and not (part.follows_conjunction or part.brackets)
            is_alone = is_alone and not PLURAL_LABEL.search(self.parts[0].label)
            is_open = is_alone and kind == "name" and not current.has_affiliation
            self._start_person(part)
            if is_open and len(current.name_words) > 1:
                self.current.doubt = f"“{part.text}” may be the affiliation of {current.text}."

    def _continues_organisation(self, piece, kind, part):
        """Whether "and" is part of an organisation's name or a role: "Ministry of Trade and Industry"."""
        if kind == "person" or (kind == "name" and not begins_with_position(piece)):
            return False
        if kind in ("body", "word") and self.known.has_organisation(piece):
            return False
        are_acronyms = ACRONYM.fullmatch(piece) and ACRONYM.fullmatch(part.text)
        if kind == "name":
            return False
        return not are_acronyms

    def _is_body_expected(self, place, part, following):
        """Whether an organisation is expected where there is something like a name."""
        current = self.current
        if current.pieces and begins_with_position(current.pieces[-1]):
            kind = kind_of_text(following.text, self.known) if following else "end"
            return kind not in ("body", "role")  # "Director, Blue Harbor"
        if current.has_affiliation:
            return False
        if ORGANISATION_OR_FULL_NAME_PATTERN.fullmatch(
            part.text
        ):  # "Freedom House", unless it is Kate House
            return fold_name(part.text.split()[0]) not in self.known.given_names
        if self.is_list_of_pairs and len(self.parts) == 2:
            return True  # "A, CNA; B, Blue Harbor"
        # "Dr. A, Blue Harbor, Dr. B, Green Valley"
        return self.has_titles and len(self.parts) % 2 == 0 and len(self.parts) > 2

    def _add_affiliation_piece(self, part, *, is_guess):
        text = _text_with_brackets(part)
        if is_guess and not self.current.doubt:
            name = self.current.text
            self.current.doubt = f"“{text}” was read as the affiliation of {name}."
        joins = (
            part.follows_conjunction and self.current.pieces and begins_with_position(part.text)
        )
        if joins and begins_with_position(self.current.pieces[-1]):
            self.current.pieces[-1] += f" {part.before} {text}"
        else:
            self.current.pieces.append(text)

    def _add_given_name(self, part, *, is_guess):
        current = self.current
        if current.brackets:  # "Kania (Thorne), Elsa"
            current.other_name = current.brackets.pop()
        family, comma, tails = current.text.partition(",")
        current.text = f"{family}, {part.text}{comma}{tails}"
        current.is_inverted = True
        current.brackets += part.brackets
        if len(current.brackets) > 1 and looks_like_single_name(current.brackets[0], self.known):
            current.text += f" ({current.brackets.pop(0)})"  # a nickname
        if is_guess:
            current.doubt = f"“{current.text}” was read as one person."
        current.function, self.function = current.function or self.function, ""

    def _is_given_name(self, part, following, is_of_pair):
        """Whether a part is the given name of the family name before it: "Kania, Elsa"."""
        current, text, known = self.current, part.text, self.known
        if part.before != "," or current.pieces or current.is_inverted:
            return False
        family = current.text.partition(",")[0]
        bare = re.split(r"[“\"„(,]", text)[0]
        if current.brackets and not (
            len(current.brackets) == 1
            and may_be_family_name(family)
            and looks_like_single_name(current.brackets[0], known)
        ):
            return False
        if is_initials(bare):
            return True
        if (
            has_title(family)
            or kind_of_text(text, known) == "role"
            or known.has_organisation(text)
        ):
            return False
        given = without_title(bare).split()
        if known.has_person(f"{' '.join(given)} {family}"):
            return True
        is_body = kind_of_text(text, known) == "body"
        if is_body or known.has_person(text) or not given or not begins_with_capital(given[0]):
            return False
        if may_be_family_name(family):
            if self._are_all_single_words() and len(self.parts) > 2:
                return is_of_pair
            if len(given) > 3 or is_only_suffixes(text):
                return False
            ends = (
                part.brackets
                or following is None
                or following.before != ","
                or kind_of_text(following.text, known) in ("role", "body")
                or bool(function_of_text(following.text))
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

    def _are_family_given_pairs(self):
        """Whether all are "Smith, John, Doe, Jane": not "Smith, Jones and Brown"."""
        return (
            self._are_all_single_words()
            and len(self.parts) % 2 == 0
            and all(part.before == "," for part in self.parts[1::2])
        )


def _move_other_name_from_brackets(draft, known):
    """Take a second family name out of the brackets: "Ana Ruiz (Ortega) (UNAM)"."""
    if not draft.brackets or not looks_like_single_name(draft.brackets[0], known):
        return
    name = parse_person_name(draft.text)
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


def _text_with_brackets(part):
    """Return "Center for a New American Security (CNAS)"; a role's bracket names the body."""
    if not part.brackets:
        return part.text
    if begins_with_position(part.text):
        return ", ".join([part.text, *part.brackets])
    if any(not _may_abbreviate(content, part.text) for content in part.brackets):
        return "; ".join([part.text, *part.brackets])
    return " ".join([part.text, *(f"({bracket})" for bracket in part.brackets)])


def _may_abbreviate(content, name):
    """Whether a bracket continues an organisation's name: its acronym or place, not another organisation."""
    if not ACRONYM.fullmatch(content):
        return not looks_like_organisation(content)
    return content[0].casefold() in {word[0].casefold() for word in name.split()}
