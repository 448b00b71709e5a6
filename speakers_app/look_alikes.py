"""Which speakers, and which organisations, may be the same: found by keys, never all against all.

Records meet only where they share a key, such as a folded family name; so thousands of names cost
some thousand comparisons. The desk asks for all pairs, a form for those of one record.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from rapidfuzz import fuzz

from site_app.sort_keys import sort_key

from .alike import LOOKS_ALIKE, compatible, fold, look
from .models import Organisation, OrganisationAlias, Speaker, SpeakerAlias
from .names import is_initials

CROWD = 60  # records with one key, beyond which the key tells too little
SHORTEST = 4  # letters of a word from which on a slip of the pen can be told from another name
CANDIDATES = 2000
SAME_LOOK = "the same to the eye, in letters of another alphabet"
_GENERATIONS = {"jr", "sr", "ii", "iii", "iv"}
_SMALL = {"of", "for", "and", "the", "in", "on", "at", "de", "la"}

Pair = tuple[int, int, str, int]  # two keys, the reason, how alike in percent


@dataclass
class Person:
    """What of a speaker is compared; names as entered."""

    key: int
    given: str
    family: str
    suffix: str = ""
    orcid: str = ""
    others: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.folded_family = fold(self.family)
        self.folded_given = fold(self.given)
        self.words = tuple(sorted(f"{self.folded_given} {self.folded_family}".split()))
        self.whole = f"{self.folded_given} {self.folded_family}".strip()
        self.look = look(self.whole)
        self.other_words = {tuple(sorted(fold(name).split())) for name in self.others}


@dataclass
class Body:
    """What of an organisation is compared; names as entered."""

    key: int
    name: str
    abbreviation: str = ""
    ror_id: str = ""
    others: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.folded = fold(self.name)
        self.look = look(self.name)
        self.words = tuple(sorted(set(self.folded.split()) - _SMALL))
        self.folded_abbreviation = fold(self.abbreviation)
        self.folded_others = {fold(name) for name in self.others}


def speaker_pairs(people: Iterable[Person]) -> Iterator[Pair]:
    """Yield the pairs that may be one person; a pair can come several times."""
    people = list(people)
    for one, other in _meeting(people, lambda each: [each.folded_family], crowd=2000):
        if told := _of_one_family(one, other):
            yield (one.key, other.key, *told)
    for one, other in _meeting(people, lambda each: [each.words, *each.other_words]):
        if one.folded_family == other.folded_family and one.words == other.words:
            continue  # told above
        if _generations_differ(one, other):
            continue
        if one.words == other.words:
            yield (one.key, other.key, "given and family name exchanged", 95)
        else:
            yield (one.key, other.key, "the other name of one is a name of the other", 95)
    for one, other in _meeting(people, lambda each: [each.look]):
        if one.whole != other.whole and not _generations_differ(one, other):
            yield (one.key, other.key, SAME_LOOK, 96)
    for one, other in _meeting(people, lambda each: [each.orcid]):
        yield (one.key, other.key, "the same ORCID", 99)
    for one, other in _meeting(people, _nearly):
        if one.folded_family != other.folded_family and not _generations_differ(one, other):
            likeness = round(fuzz.ratio(one.whole, other.whole))
            if likeness >= LOOKS_ALIKE:
                yield (one.key, other.key, "spelt nearly alike", min(likeness, 94))


def _of_one_family(one: Person, other: Person) -> tuple[str, int] | None:
    if _generations_differ(one, other) or not one.folded_family:
        return None
    if not one.folded_given or not other.folded_given:
        both = not one.folded_given and not other.folded_given
        return ("the same name", 100) if both else ("a family name alone", 60)
    if one.folded_given == other.folded_given:
        return "the same name", 90 if is_initials(one.given) else 100
    if compatible(one.given, other.given):
        has_initials = is_initials(one.given) or is_initials(other.given)
        return ("initials that fit", 80) if has_initials else ("a second given name", 92)
    a, b = one.folded_given.split()[0], other.folded_given.split()[0]
    if min(len(a), len(b)) >= 3 and (a.startswith(b) or b.startswith(a)):
        return "a short form of the given name", 78
    if min(len(a), len(b)) > SHORTEST and fuzz.ratio(a, b) >= LOOKS_ALIKE - 5:
        return "given name spelt nearly alike", 85
    return None


def _generations_differ(one: Person, other: Person) -> bool:
    """William Fitzgerald Jr. and Sr. are two people."""
    a, b = (fold(each.suffix) for each in (one, other))
    return a != b and a in _GENERATIONS and b in _GENERATIONS


def _nearly(person: Person) -> list:
    """Keys that a slip of the pen in the family name leaves alone: its beginning, its end."""
    given = person.folded_given.split()[:1]
    if not given or len(given[0]) < 3 or len(person.folded_family) < SHORTEST:
        return []
    family = person.folded_family
    return [(given[0], "begins", family[:2]), (given[0], "ends", family[-2:])]


def organisation_pairs(bodies: Iterable[Body]) -> Iterator[Pair]:
    """Yield the pairs that may be one body; a pair can come several times."""
    bodies = list(bodies)
    for one, other in _meeting(bodies, lambda each: [each.folded]):
        yield (one.key, other.key, "the same name", 100)
    for one, other in _meeting(bodies, lambda each: [each.look]):
        if one.folded != other.folded:
            yield (one.key, other.key, SAME_LOOK, 98)
    for one, other in _meeting(bodies, lambda each: [each.words]):
        if one.folded != other.folded:
            yield (one.key, other.key, "the same words", 94)
    for one, other in _meeting(bodies, lambda each: [each.folded, *each.folded_others]):
        if one.folded != other.folded:
            yield (one.key, other.key, "the other name of one is a name of the other", 97)
    for one, other in _meeting(bodies, lambda each: [each.folded, each.folded_abbreviation]):
        if one.folded != other.folded:
            both = one.folded_abbreviation == other.folded_abbreviation
            reason = "the same acronym" if both else "the acronym of one is the name of the other"
            yield (one.key, other.key, reason, 75 if both else 96)
    for one, other in _meeting(bodies, lambda each: [each.ror_id]):
        yield (one.key, other.key, "the same ROR ID", 99)
    for one, other in _meeting(bodies, _parts):
        if one.folded != other.folded and _numbers(one) == _numbers(other):
            likeness = round(fuzz.ratio(one.folded, other.folded))
            if likeness >= LOOKS_ALIKE:
                yield (one.key, other.key, "spelt nearly alike", min(likeness, 93))


def _parts(body: Body) -> list:
    words = [word for word in body.folded.split() if word not in _SMALL]
    if len(body.folded) < 8 or not words:
        return []
    rest = body.folded.split()
    halves = (" ".join(rest[: len(rest) // 2 + 1]), " ".join(rest[len(rest) // 2 :]))
    keys = [("first", words[0], len(words)), ("last", words[-1], len(words))]
    return [*keys, *(("half", half) for half in halves if len(half) >= 8)]


def _numbers(body: Body) -> list[str]:
    """Fleets, bureaus and committees are told apart by their numbers."""
    return [word for word in body.folded.split() if any(letter.isdigit() for letter in word)]


def _meeting(records, keys_of: Callable, crowd: int = CROWD) -> Iterator[tuple]:
    """Yield each two records that share a key; keys that a crowd shares tell nothing."""
    blocks = defaultdict(dict)
    for record in records:
        for key in keys_of(record):
            if key:
                blocks[key][record.key] = record
    for block in blocks.values():
        if 1 < len(block) <= crowd:
            members = list(block.values())
            for place, one in enumerate(members):
                for other in members[place + 1 :]:
                    yield one, other


# --- from the database ----------------------------------------------------------------------------


def people(speakers=None) -> list[Person]:
    """Return what of speakers is compared; two queries."""
    rows = Speaker.objects.order_by() if speakers is None else speakers
    found = {
        row[0]: Person(*row)
        for row in rows.values_list("pk", "given_name", "family_name", "suffix", "orcid")
    }
    _add_names(found, SpeakerAlias, "speaker_id", speakers is None)
    return list(found.values())


def bodies(organisations=None) -> list[Body]:
    """Return what of organisations is compared; two queries."""
    rows = Organisation.objects.order_by() if organisations is None else organisations
    found = {
        row[0]: Body(*row) for row in rows.values_list("pk", "name", "abbreviation", "ror_id")
    }
    _add_names(found, OrganisationAlias, "organisation_id", organisations is None)
    return list(found.values())


def _add_names(found, aliases, owner, is_all):
    rows = aliases.objects.order_by()
    if not is_all:
        rows = rows.filter(**{f"{owner}__in": list(found)})
    for key, name in rows.values_list(owner, "name"):
        if key in found:
            found[key].others.append(name)
            found[key].__post_init__()


def speakers_like(given: str, family: str, suffix: str = "", *, besides: int | None = None):
    """Return [(speaker, reason)] of those that a name may mean, the likeliest first."""
    new = Person(0, given, family, suffix)
    if not new.folded_family:
        return []
    starts = Q(sort_key__startswith=sort_key(family)[:2])
    if not is_initials(given) and new.folded_given:
        starts |= Q(sort_key__startswith=f"{sort_key(given)}0")  # the two exchanged
    known = SpeakerAlias.objects.filter(name__icontains=family.strip()).values("speaker")
    rows = Speaker.objects.filter(starts | Q(pk__in=known)).exclude(pk=besides)
    return _like(speaker_pairs, [*people(rows.order_by("pk")[:CANDIDATES]), new], Speaker)


def organisations_like(name: str, abbreviation: str = "", *, besides: int | None = None):
    """Return [(organisation, reason)] of those that a name may mean, the likeliest first."""
    new = Body(0, name, abbreviation)
    if not new.folded:
        return []
    condition = Q(sort_key__startswith=sort_key(name.removeprefix("The "))[:3])
    for word in filter(None, (name.strip(), abbreviation.strip())):
        condition |= Q(abbreviation__iexact=word) | Q(name__iexact=word)
        condition |= Q(
            pk__in=OrganisationAlias.objects.filter(name__iexact=word).values("organisation")
        )
    rows = Organisation.objects.filter(condition).exclude(pk=besides)
    return _like(
        organisation_pairs, [*bodies(rows.order_by("pk")[:CANDIDATES]), new], Organisation
    )


def _like(pairs: Callable, compared: list, model):
    found: dict[int, tuple[int, str]] = {}
    for one, other, reason, likeness in pairs(compared):
        if 0 in (one, other):
            key = one or other
            found[key] = max(found.get(key, (0, "")), (likeness, reason))
    best = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))[:10]
    records = model.objects.in_bulk([key for key, _told in best])
    return [(records[key], reason) for key, (_likeness, reason) in best if key in records]
