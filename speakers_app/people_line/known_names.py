"""What a text of a line may be: a person, a body, a role; by names already known, or by its looks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from speakers_app.names.comparison import fold_name
from speakers_app.names.parsing import (
    has_title,
    is_initials,
    is_lowercase_name_word,
    without_title,
)

from .affiliations import (
    begins_with_position,
    cannot_be_person_name,
    looks_like_organisation,
    split_name_and_abbreviation,
)

LETTER = re.compile(r"[^\W\d_]")
# A person can have such a name: with a single word before it, it need not be an organisation.
ORGANISATION_OR_FULL_NAME_PATTERN = re.compile(
    r"\S+ (?:house|post|bank|press|college|school|union|company|fund|trust|labs?|times|review|desk|"
    r"command|group|project|church|temple|forum|services?|house)",
    re.I,
)
MAX_NAME_WORDS = 6


@dataclass(frozen=True)
class KnownNames:
    """Names that decide where a line alone does not: folded, of the archive's records."""

    organisations: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()  # "given family"
    given_names: frozenset[str] = frozenset()

    @classmethod
    def from_names(
        cls, organisations: Iterable[str], people: Iterable[tuple[str, str]]
    ) -> "KnownNames":
        """Return what is known from names of organisations and (given, family) of people."""
        people = list(people)
        given_names = (given.split()[0] for given, _family in people if given.strip())
        return cls(
            frozenset(fold_name(name) for name in organisations if fold_name(name)),
            frozenset(fold_name(f"{given} {family}") for given, family in people if given),
            frozenset(fold_name(name) for name in given_names if not is_initials(name)),
        )

    def has_organisation(self, text: str) -> bool:
        return fold_name(split_name_and_abbreviation(text)[0]) in self.organisations

    def has_person(self, text: str) -> bool:
        return fold_name(without_title(text)) in self.people


NO_KNOWN_NAMES = KnownNames()


def kind_of_text(text, known):
    """Return what a text seems to be: "person" and "body" for certain, "role", or by its looks
    "name" (of a person, as far as one sees), "word" (one), "other"."""
    if known.has_person(text):
        return "person"
    if known.has_organisation(text):
        return "body"
    rest = without_title(text)
    is_titled = has_title(text) and begins_with_capital(rest) and not begins_with_position(rest)
    if is_titled and (len(rest.split()) < 3 or not looks_like_organisation(rest)):
        return "person"
    if begins_with_position(text):
        return "role"
    if not ORGANISATION_OR_FULL_NAME_PATTERN.fullmatch(text) and (
        looks_like_organisation(text) or cannot_be_person_name(text)
    ):
        return "body"
    words = text.split()
    if len(words) == 1:
        return "word"
    are_names = all(begins_with_capital(word) or is_lowercase_name_word(word) for word in words)
    return "name" if are_names and len(words) <= MAX_NAME_WORDS else "other"


def begins_with_capital(text):
    letter = LETTER.search(text)
    return letter is not None and letter[0] == letter[0].upper()


def looks_like_single_name(text, known):
    return (
        len(text.split()) == 1
        and begins_with_capital(text)
        and not text.isupper()
        and not looks_like_organisation(text)
        and not known.has_organisation(text)
    )
