"""A line cut into parts at commas, semicolons and words like "and"."""

import re
from dataclasses import dataclass, field

from speakers_app.names.parsing import (
    continues_name_after_comma,
    ends_in_rank,
    former_name_in,
    is_initials,
    is_pronouns,
    is_rank_mark_in_brackets,
    may_be_family_name,
    without_title,
)

from .affiliations import looks_like_organisation
from .function_words import FUNCTION_LABEL

_CONJUNCTION = re.compile(
    r"(?:and|&|/|with|und|et(?!\.?\s+al)|plus|joined by|together with|as well as)(?=\s|$)"
)
_PERSON_SEPARATORS = ";|•·\n"  # separators between people, not within the text about one person
_TITLE_OF_NEXT_PERSON = re.compile(r"(?:Dr|Prof|Mr|Mrs|Ms|Amb|Gen|Col|Adm|Capt|Maj|Lt)\.\s+[A-Z]")
# A full stop at the end of the line, not of an abbreviation.
_FULL_STOP_AT_END = re.compile(
    r"(?<=\w\w\w)(?<!\bInc)(?<!\bLtd)(?<!Corp)(?<!Univ)(?<!Dept)(?<!Inst)(?<!Assn)(?<!\bEsq)(?<!\bRet)(?<!\bret)\.+$"
)
OPENING_BRACKETS, CLOSING_BRACKETS = "([{", ")]}"
MAX_BRACKET_LENGTH = 2000  # characters; a longer bracket was not closed


@dataclass
class LinePart:
    """The text between two separators, and the brackets after it."""

    before: str = ""  # the separator before it: ",", ";" or "and", as printed
    text: str = ""
    brackets: list[str] = field(default_factory=list)
    label: str = ""  # "Moderator" of "Moderator: …"
    is_hard: bool = False  # separates people, not the parts of one person's text
    after_comma: bool = False  # ", and"

    @property
    def name(self):
        """The text without suffixes and ranks behind commas or in brackets."""
        return re.sub(r"\s*\([^()]*\)\s*", " ", self.text.partition(",")[0]).strip()

    @property
    def follows_conjunction(self):
        return self.before not in ("", ",", ";")


def as_one_line(text):
    """Return a text with line breaks as separators, except where a line continues in the next."""
    text = re.sub(r"\(s\)\s*:", ":", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    joined = ""
    for line in filter(None, lines):
        goes_on = re.search(r"(?:[,;&(:–—-]|\band|\bwith)$", joined) or re.match(
            r"[(\[;,&a-z]|and\b", line
        )
        joined += f"{' ' if goes_on or not joined else chr(10)}{line}"
    return joined.strip(" ")


def split_line(line):
    """Return the parts of a line; brackets that belong to a name stay in its text."""
    parts, current = [], LinePart()

    def end(before):
        nonlocal current
        is_hard, after_comma = before == ";", False
        if current.text.strip() or current.brackets or current.label:
            parts.append(current)
        else:  # ", and", "; and"
            is_hard = is_hard or current.is_hard
            after_comma = current.before in (",", ";")
        current = LinePart(before, is_hard=is_hard, after_comma=after_comma)

    at = 0
    while at < len(line):
        character = line[at]
        if character in OPENING_BRACKETS:
            closing = closing_bracket_place(line, at)
            content = " ".join(line[at + 1 : closing].split()).strip(" ,;")
            at = closing + (line[closing : closing + 1] in tuple(CLOSING_BRACKETS))
            rest = line[at:].lstrip(" .")
            goes_on = (
                bool(rest)
                and rest[0]
                not in f"{_PERSON_SEPARATORS}{OPENING_BRACKETS}{CLOSING_BRACKETS},:–—-/&"
            )
            goes_on = goes_on and not _CONJUNCTION.match(rest)
            if not content or is_pronouns(content):
                continue
            follows_rank = ends_in_rank(current.text)
            if (
                is_rank_mark_in_brackets(content, follows_rank=follows_rank)
                or (
                    former_name_in(content)
                    and not looks_like_organisation(former_name_in(content))
                )
                or (goes_on and _is_nickname(current.text, content, rest))
            ):
                current.text += f" ({content}) "
            else:
                current.brackets.append(content)
                if goes_on:
                    end(";")
            continue
        is_word_start = at == 0 or line[at - 1] in " \n)]"
        match = _CONJUNCTION.match(line, at) if is_word_start else None
        word = match[0] if match else ""
        if character == "/" and at and line[at - 1] in CLOSING_BRACKETS:
            word = "/"
        if character in _PERSON_SEPARATORS or character == "," or word:
            end(word or ("," if character == "," else ";"))
            at += len(word) or 1
            continue
        label = (
            FUNCTION_LABEL.match(line, at)
            if not current.text.strip(" .") and not current.brackets
            else None
        )
        if label:
            current.label = label[1]
            at = label.end()
            continue
        if is_word_start and _TITLE_OF_NEXT_PERSON.match(line, at) and _is_complete_name(current):
            end(";")  # "Dr. Jane Roe Dr. John Doe"
        current.text += character
        at += 1
    end("")
    for part in parts:
        text = re.sub(r"\s[.:*]+(?=\s|$)", " ", part.text)  # isolated full stops and marks
        text = _FULL_STOP_AT_END.sub("", text.strip())
        part.text = " ".join(text.split()).lstrip(" .:–—-").rstrip(" :–—-")
    return parts


def _is_complete_name(part):
    words = without_title(part.text.strip()).split()
    return len(words) > 1 and not part.brackets and not ends_in_rank(part.text.strip())


def _is_nickname(before, content, rest):
    """Whether a bracket is inside a name: "Robert (Bob) Smith", "William J. (Bill) Hale"."""
    words = without_title(before.strip()).split()
    following = re.split(r"[(\[,;]|\s(?:and|&)\s", rest)[0].split()
    is_name = len(content.split()) <= 2 and not looks_like_organisation(content)
    is_unfinished = len(words) == 1 or (bool(words) and is_initials(words[-1]))
    return is_name and bool(words) and (is_unfinished or len(following) == 1)


def closing_bracket_place(line, at):
    """Return the place of the bracket that closes the one at `at`; of a person's end where none does."""
    depth, end = 0, min(len(line), at + MAX_BRACKET_LENGTH)
    for place in range(at, end):
        if line[place] in OPENING_BRACKETS:
            depth += 1
        elif line[place] in CLOSING_BRACKETS:
            depth -= 1
            if depth == 0:
                return place
    # Not closed: it ends before the next person, or with the next closing bracket.
    stop = re.compile(r"[)\]]|[;\n]|,(?=[^,()\[\]]*[(\[])|\s(?:and|&)\s").search(line, at, end)
    return stop.start() if stop else end


def join_known_organisations(parts, known):
    """Join what is known as one body: "Blue Harbor and Partners", "Acme, Inc."."""
    joined: list[LinePart] = []
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


def join_name_tails(parts):
    """Join suffixes, ranks and services behind commas to the name before them."""
    joined: list[LinePart] = []
    for place, part in enumerate(parts):
        following = parts[place + 1].text if place + 1 < len(parts) else ""
        is_tail = (
            joined
            and part.before == ","
            and joined[-1].text
            and continues_name_after_comma(part.text, following)
            # "Doe, J.D." are initials, unless the name is already complete.
            and not (is_initials(part.text) and may_be_family_name(joined[-1].text))
        )
        if is_tail:
            joined[-1].text += f", {part.text}"
            joined[-1].brackets += part.brackets
        else:
            joined.append(part)
    return joined
