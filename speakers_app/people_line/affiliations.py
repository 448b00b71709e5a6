"""The text in brackets after a name: a position, an organisation, its acronym."""

import re
from dataclasses import dataclass

_POSITION_ADJECTIVES = (
    "former", "retired", "senior", "junior", "deputy", "vice", "associate", "assistant", "acting",
    "executive", "managing", "chief", "principal", "lead", "visiting", "adjunct", "nonresident",
    "non-resident", "resident", "distinguished", "research", "policy", "political", "military",
    "national", "defense", "defence", "independent", "founding", "emeritus", "program", "programme",
    "intelligence", "strategic", "technical", "senior-most", "international", "regional", "global",
    "science", "staff", "special", "the", "a", "an", "us", "u.s.", "doctoral", "graduate", "phd",
    "postdoctoral", "foreign", "security", "data", "operations", "information", "human", "social",
)  # fmt: skip
_POSITION_NOUNS = (
    "director", "analyst", "professor", "fellow", "president", "chair", "chairman", "chairwoman",
    "chairperson", "head", "author", "officer", "researcher", "scientist", "advisor", "adviser",
    "consultant", "founder", "co-founder", "cofounder", "ceo", "cto", "coo", "cio", "manager",
    "ambassador", "editor", "editor-in-chief", "journalist", "lecturer", "secretary", "commander",
    "counsel", "partner", "member", "historian", "economist", "engineer", "specialist",
    "coordinator", "planner", "strategist", "attaché", "dean", "rector", "student", "candidate",
    "correspondent", "writer", "instructor", "psychologist", "anthropologist", "sociologist",
    "expert", "scholar", "lawyer", "reporter", "provost", "minister", "undersecretary", "owner",
    "envoy", "representative", "negotiator", "linguist", "geographer", "teacher", "pilot", "chief",
    "governor", "trustee", "executive", "lead", "associate", "principal", "deputy", "columnist",
    "physicist", "chemist", "mathematician", "physician", "nurse", "diplomat", "senator",
    "professional", "practitioner", "leader", "inspector", "superintendent", "prosecutor", "ltc",
    "col", "gen", "maj", "capt", "cdr", "general", "colonel", "major", "captain",
)  # fmt: skip
_ORGANISATION_WORD = re.compile(
    r"\b(?:universit\w+|institut\w*|cent(?:er|re)|college|school|corporation|corp|inc|llc|ltd|plc|gmbh|"
    r"foundation|group|council|department|ministry|office|agency|army|navy|air force|marine"
    r"(?: corps)?|laborator\w+|labs?|society|association|academy|bank|bureau|committee|commission|"
    r"network|observatory|initiative|organi[sz]ation|forum|house|services?|company|forces?|union|"
    r"nations|embassy|hospital|command|times|post|project|survey|dialogue|desk|dynamics|systems|"
    r"technologies|consulting|associates|partners|fund|trust|alliance|museum|press|review|"
    r"universidad|université|università|universität|parliament|congress|senate|nato)\b",
    re.I,
)
# Words of subjects and institutions; some are also family names, so they count only next to others.
_WORDS_NEVER_IN_PERSON_NAMES = frozenset(
    """affairs studies security defense defence policy science sciences technology technologies
    international national global strategic economic economics political politics research
    education health energy environment development management industry trade finance culture
    engineering mathematics conflict resolution democracy governance government relations
    intelligence operations cooperation innovation resources planning analysis analyses analytics
    safety communications media cybersecurity nuclear independent retired federal European American
    african asian strategy strategies solutions international humanities statistics training
    warfare weapons space maritime naval aerospace headquarters division directorate branch
    secretariat united states joint staff""".split()  # noqa: SIM905 - a quoted list of them fills pages
)
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&/-]{1,11}(?: \([A-Z&/]{1,8}\))?")
_NAME_WITH_ABBREVIATION = re.compile(
    r"^(?P<name>.+?)\s*[(\[](?P<abbreviation>[A-Z][\w&/.’'-]*(?: ?[A-Z&][\w&/.-]*){0,2})[)\]]$"
)
_WORDS_AFTER_POSITION_NOUN = {"of", "for", "to", "at", "in", "on", "with", "and", "&"}
_LEGAL_FORM = re.compile(r"(?:inc|llc|ltd|plc|llp|gmbh|co)\.?", re.I)
_HAS_CAMPUS = re.compile(r"\b(?:university|college|state|school)\b", re.I)
_ROLE_AT_ORGANISATION = re.compile(
    r"^(?P<role>.+?)\s+(?:at|with)\s+(?:the\s+)?(?P<organisation>[A-Z].*)$"
)
_ROLE_DASH_ORGANISATION = re.compile(
    r"^(?P<role>.+?)(?:\s+[–—-]|\s*[:|])\s+(?P<organisation>\S.*)$"
)


@dataclass(frozen=True)
class Affiliation:
    """As printed; either may be empty. Several organisations stay in one text, "; " between."""

    role: str = ""
    organisation: str = ""


def split_outside_brackets(text: str, separator: str) -> list[str]:
    """Return the parts of `text` between separators outside brackets."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        if text[at] in "([":
            depth += 1
        elif text[at] in ")]":
            depth = max(0, depth - 1)
        elif depth == 0 and text.startswith(separator, at):
            parts.append(text[start:at])
            at += len(separator)
            start = at
            continue
        at += 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def begins_with_position(text: str) -> bool:
    """Return whether a text begins with a position instead of an organisation.

    Its noun decides, whatever comes before it: "Action Officer", "J5 Deputy Director for Plans".
    """
    words = re.sub(r"[(\[].*", "", text).replace("/", " ").split()
    if not words:
        return False
    bare = [word.strip(".,").casefold() for word in words]
    ends = next(
        (place for place, word in enumerate(bare) if place and word in _WORDS_AFTER_POSITION_NOUN),
        len(bare),
    )
    if bare[ends - 1] in _POSITION_NOUNS:
        return True
    place = 0
    while (
        place < len(bare) - 1
        and bare[place] in _POSITION_ADJECTIVES
        and bare[place] not in ("lead",)
    ):
        place += 1
    if not any(word in _POSITION_NOUNS for word in bare[: place + 1]):
        return False
    # "Chief Digital Office" is an organisation, "Head of Office" a position.
    ends_as_organisation = _ORGANISATION_WORD.fullmatch(bare[-1]) is not None
    return len(words) == 1 or not ends_as_organisation or bool({"of", "for", "to"} & set(bare))


def looks_like_organisation(text: str) -> bool:
    return bool(_ORGANISATION_WORD.search(text) or _ACRONYM.fullmatch(text.strip()))


def cannot_be_person_name(text: str) -> bool:
    """Return whether the words of a text cannot be a person's name.

    Persons have no preposition, digit or "The" in their names, and no field of study.
    """
    words = [word.strip(".,()[]&’'") for word in text.split()]
    return bool(
        any(word.casefold() in _WORDS_NEVER_IN_PERSON_NAMES for word in words)
        or any(character.isdigit() for character in text)
        or {"of", "for", "the", "on", "at", "and"} & set(words)
        or re.search(r"\bin (?!(?:['’‘]t|den?|der)\b)", text)
        or words[:1] == ["The"]
        or re.match(r"(?:U\.?S\.?|UK|EU|UN)\s", text)
    )


def parse_affiliation(text: str) -> Affiliation:
    """Return role and organisation of a bracket's content.

    When it begins with a position, the role is everything before the last organisation; commas
    inside an organisation's name ("University at Buffalo, SUNY") make no role.
    """
    roles, organisations = [], []
    for part in split_outside_brackets(" ".join(text.split()), ";"):
        role, organisation = _split_role_and_organisation(part)
        if role:
            roles.append(role)
        if organisation:
            organisations.append(organisation)
    return Affiliation("; ".join(roles), "; ".join(organisations))


def _split_role_and_organisation(text):
    pieces = split_outside_brackets(text, ",")
    if not pieces:
        return "", ""
    if not begins_with_position(pieces[0]):
        return _split_role_at_end(pieces)
    if len(pieces) == 1:
        match = _ROLE_AT_ORGANISATION.match(text) or _ROLE_DASH_ORGANISATION.match(text)
        return (match["role"], match["organisation"]) if match else (text, "")
    start = len(pieces) - 1
    while start > 1 and _are_one_organisation(pieces[start - 1], pieces[start]):
        start -= 1
    last = ", ".join(pieces[start:])
    last_word = re.sub(r"[(\[].*", "", pieces[start]).split()[-1:]
    is_last_position = begins_with_position(pieces[start]) or (
        bool(last_word) and last_word[0].casefold() in _POSITION_NOUNS
    )
    if is_last_position and not looks_like_organisation(pieces[start]):
        return text, ""
    return ", ".join(pieces[:start]), last


def _split_role_at_end(pieces):
    """Return (role, organisation) of "CNA, Senior Analyst"; the role begins where one does."""
    for place, piece in enumerate(pieces[1:], 1):
        if begins_with_position(piece) and not any(map(_is_organisation_piece, pieces[place:])):
            return ", ".join(pieces[place:]), ", ".join(pieces[:place])
    return "", ", ".join(pieces)


def _is_organisation_piece(piece):
    return looks_like_organisation(piece) and not begins_with_position(piece)


def _are_one_organisation(before, piece):
    """Whether a part continues the organisation before it: a campus, a legal form."""
    if _LEGAL_FORM.fullmatch(piece):
        return True
    return bool(_HAS_CAMPUS.search(before)) and not begins_with_position(before)


def split_name_and_abbreviation(text: str) -> tuple[str, str]:
    """Return (name, abbreviation): "Center for a New American Security (CNAS)" in its two parts.

    An acronym alone is a name without abbreviation.
    """
    match = _NAME_WITH_ABBREVIATION.match(" ".join(text.split()))
    if not match or match["name"].count("(") != match["name"].count(")"):
        return " ".join(text.split()), ""
    return match["name"], match["abbreviation"]
