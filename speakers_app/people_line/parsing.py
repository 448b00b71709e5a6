"""A line of speakers with affiliations, as old pages print it, taken apart into people."""

import re
from dataclasses import dataclass

from speakers_app.names.parsing import parse_person_name

from .affiliations import parse_affiliation
from .groups import ACRONYM, read_person_drafts
from .known_names import NO_KNOWN_NAMES, KnownNames
from .parts import as_one_line, join_known_organisations, join_name_tails, split_line


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


def parse_people_line(
    line: str, function: str = "speaker", known: KnownNames = NO_KNOWN_NAMES
) -> tuple[list[ParsedPerson], list[str]]:
    """Return the people of a line in printed order, and unrecognised text verbatim.

    `function` is the role given by the line's label: speaker, panelist or moderator. `known` decides whether
    a text is a person or an organisation. Line breaks separate people.
    """
    parts = join_name_tails(join_known_organisations(split_line(as_one_line(line)), known))
    drafts, remarks = read_person_drafts(parts, known)
    _share_affiliations(drafts)
    people = []
    for draft in drafts:
        name = parse_person_name(draft.text, is_inverted=draft.is_inverted)
        if not name.family:
            rest = " ".join([draft.text, *draft.brackets]).strip(" .,:")
            if rest:
                remarks.append(rest)
            continue
        affiliation = parse_affiliation("; ".join(_organisations_of_draft(draft, known)))
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


def _organisations_of_draft(draft, known):
    """Return the affiliations of a draft; "CNA and RAND" and "CNA / RAND" are two."""
    names = [", ".join(_join_organisation_pieces(draft.pieces))] if draft.pieces else []
    for content in draft.brackets:
        halves = re.split(r"\s+(?:and|&|/)\s+", content)
        are_bodies = len(halves) > 1 and all(
            known.has_organisation(half) or ACRONYM.fullmatch(half) for half in halves
        )
        names += halves if are_bodies else [content]
    return names


def _join_organisation_pieces(pieces):
    """Join several organisations with "; ", so that commas occur only within one."""
    joined: list[str] = []
    for piece in pieces:
        are_acronyms = joined and ACRONYM.fullmatch(piece) and ACRONYM.fullmatch(joined[-1])
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
