"""Which speakers, and which organisations, may be the same: found by keys, never all against all.

Records meet only where they share a key, such as a folded family name; so thousands of names cost
some thousand comparisons. The worklist asks for all pairs, a form for those of one record.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext_noop
from rapidfuzz import fuzz

from site_app.text.sort_keys import sort_key
from speakers_app.names.comparison import (
    MIN_LIKENESS_PERCENT,
    fold_name,
    look_alike_key,
    may_be_same_given_name,
)
from speakers_app.names.parsing import is_initials

from .models import Organisation, OrganisationAlias, Speaker, SpeakerAlias

MAX_RECORDS_PER_KEY = 60  # with more records, a key is not specific enough
MIN_KEY_WORD_LENGTH = (
    4  # letters; in a shorter word, a typing error cannot be distinguished from another name
)
MAX_CANDIDATES_COMPARED = 2000
SAME_LOOK_REASON = gettext_noop("the same to the eye, in letters of another alphabet")
_GENERATIONS = {"jr", "sr", "ii", "iii", "iv"}
_SMALL_WORDS = {"of", "for", "and", "the", "in", "on", "at", "de", "la"}

CandidatePair = tuple[int, int, str, int]  # two keys, the reason, the similarity in percent


@dataclass
class ComparedPerson:
    """The compared data of a speaker; names as entered."""

    key: int
    given: str
    family: str
    suffix: str = ""
    orcid: str = ""
    others: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.folded_family = fold_name(self.family)
        self.folded_given = fold_name(self.given)
        self.words = tuple(sorted(f"{self.folded_given} {self.folded_family}".split()))
        self.whole = f"{self.folded_given} {self.folded_family}".strip()
        self.look = look_alike_key(self.whole)
        self.other_words = {tuple(sorted(fold_name(name).split())) for name in self.others}


@dataclass
class ComparedOrganisation:
    """The compared data of an organisation; names as entered."""

    key: int
    name: str
    abbreviation: str = ""
    ror_id: str = ""
    others: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.folded = fold_name(self.name)
        self.look = look_alike_key(self.name)
        self.words = tuple(sorted(set(self.folded.split()) - _SMALL_WORDS))
        self.folded_abbreviation = fold_name(self.abbreviation)
        self.folded_others = {fold_name(name) for name in self.others}


class CandidatePairs:
    """Pairs of records that may be the same: all of them, or those of some records.

    `rules`: (keys of a record, the number of records up to which a key is specific, a comparison of two of
    them: reason and similarity or None).
    """

    def __init__(self, records: Iterable, rules: Iterable[tuple[Callable, int, Callable]]):
        self.records = {record.key: record for record in records}
        self.rules = [(rule, self._records_by_key(rule[0])) for rule in rules]

    def _records_by_key(self, keys_of):
        blocks = defaultdict(dict)
        for record in self.records.values():
            for shared in keys_of(record):
                if shared:
                    blocks[shared][record.key] = record
        return blocks

    def __iter__(self) -> Iterator[CandidatePair]:
        """Yield every pair; a pair may occur several times, with different reasons."""
        return self.similar_pairs_of(self.records, with_earlier=False)

    def similar_pairs_of(
        self, keys: Iterable[int], *, with_earlier: bool = True
    ) -> Iterator[CandidatePair]:
        """Yield the pairs with a record of `keys`; a pair may occur several times.

        Without `with_earlier` only those whose other record has the larger key.
        """
        wanted = set(keys)
        for one in filter(None, map(self.records.get, sorted(wanted))):
            for (keys_of, crowd, tell), blocks in self.rules:
                for shared in keys_of(one):
                    block = blocks[shared] if shared else ()
                    if not 1 < len(block) <= crowd:
                        continue
                    for key, other in block.items():
                        is_earlier = key < one.key
                        if key == one.key or (is_earlier and (not with_earlier or key in wanted)):
                            continue
                        if told := tell(one, other):
                            yield (one.key, key, *told)


def candidate_pairs_of_speakers(people: Iterable[ComparedPerson]) -> CandidatePairs:
    """Return the pairs that may be one person."""
    return CandidatePairs(
        people,
        [
            (lambda person: [person.folded_family], 2000, _compare_given_names),
            (
                lambda person: [person.words, *person.other_words],
                MAX_RECORDS_PER_KEY,
                _compare_same_words,
            ),
            (lambda person: [person.look], MAX_RECORDS_PER_KEY, _compare_look_alike_names),
            (
                lambda person: [person.orcid],
                MAX_RECORDS_PER_KEY,
                lambda one, other: (gettext_noop("the same ORCID"), 99),
            ),
            (_fuzzy_family_keys, MAX_RECORDS_PER_KEY, _compare_family_spelling),
        ],
    )


def _compare_same_words(one: ComparedPerson, other: ComparedPerson) -> tuple[str, int] | None:
    if one.folded_family == other.folded_family and one.words == other.words:
        return None  # found by the family name
    if _generations_differ(one, other):
        return None
    if one.words == other.words:
        return gettext_noop("given and family name exchanged"), 95
    return gettext_noop("the other name of one is a name of the other"), 95


def _compare_look_alike_names(
    one: ComparedPerson, other: ComparedPerson
) -> tuple[str, int] | None:
    is_other = one.whole != other.whole and not _generations_differ(one, other)
    return (SAME_LOOK_REASON, 96) if is_other else None


def _compare_family_spelling(one: ComparedPerson, other: ComparedPerson) -> tuple[str, int] | None:
    if one.folded_family == other.folded_family or _generations_differ(one, other):
        return None
    return _compare_spelling(one.whole, other.whole, 94)


def _compare_spelling(one: str, other: str, most: int) -> tuple[str, int] | None:
    likeness = round(fuzz.ratio(one, other))
    return (
        (gettext_noop("spelt almost the same"), min(likeness, most))
        if likeness >= MIN_LIKENESS_PERCENT
        else None
    )


def _compare_given_names(one: ComparedPerson, other: ComparedPerson) -> tuple[str, int] | None:
    if _generations_differ(one, other) or not one.folded_family:
        return None
    if not one.folded_given or not other.folded_given:
        both = not one.folded_given and not other.folded_given
        return (
            (gettext_noop("the same name"), 100)
            if both
            else (gettext_noop("a family name alone"), 60)
        )
    if one.folded_given == other.folded_given:
        return gettext_noop("the same name"), 90 if is_initials(one.given) else 100
    if may_be_same_given_name(one.given, other.given):
        has_initials = is_initials(one.given) or is_initials(other.given)
        return (
            (gettext_noop("initials that fit"), 80)
            if has_initials
            else (gettext_noop("a second given name"), 92)
        )
    a, b = one.folded_given.split()[0], other.folded_given.split()[0]
    if min(len(a), len(b)) >= 3 and (a.startswith(b) or b.startswith(a)):
        return gettext_noop("a short form of the given name"), 78
    if min(len(a), len(b)) > MIN_KEY_WORD_LENGTH and fuzz.ratio(a, b) >= MIN_LIKENESS_PERCENT - 5:
        return gettext_noop("given name spelt almost the same"), 85
    return None


def _generations_differ(one: ComparedPerson, other: ComparedPerson) -> bool:
    """William Fitzgerald Jr. and Sr. are two people."""
    a, b = (fold_name(person.suffix) for person in (one, other))
    return a != b and a in _GENERATIONS and b in _GENERATIONS


def _fuzzy_family_keys(person: ComparedPerson) -> list:
    """Keys that a slip of the pen in the family name leaves alone: its beginning, its end."""
    given = person.folded_given.split()[:1]
    if not given or len(given[0]) < 3 or len(person.folded_family) < MIN_KEY_WORD_LENGTH:
        return []
    family = person.folded_family
    return [(given[0], "begins", family[:2]), (given[0], "ends", family[-2:])]


def candidate_pairs_of_organisations(bodies: Iterable[ComparedOrganisation]) -> CandidatePairs:
    """Return the pairs that may be one body."""

    def unless_one_name(*told):
        return lambda one, other: told if one.folded != other.folded else None

    alias = gettext_noop("the other name of one is a name of the other")
    return CandidatePairs(
        bodies,
        [
            (
                lambda body: [body.folded],
                MAX_RECORDS_PER_KEY,
                lambda one, other: (gettext_noop("the same name"), 100),
            ),
            (lambda body: [body.look], MAX_RECORDS_PER_KEY, unless_one_name(SAME_LOOK_REASON, 98)),
            (
                lambda body: [body.words],
                MAX_RECORDS_PER_KEY,
                unless_one_name(gettext_noop("the same words"), 94),
            ),
            (
                lambda body: [body.folded, *body.folded_others],
                MAX_RECORDS_PER_KEY,
                unless_one_name(alias, 97),
            ),
            (
                lambda body: [body.folded, body.folded_abbreviation],
                MAX_RECORDS_PER_KEY,
                _compare_acronyms,
            ),
            (
                lambda body: [body.ror_id],
                MAX_RECORDS_PER_KEY,
                lambda one, other: (gettext_noop("the same ROR ID"), 99),
            ),
            (_fuzzy_organisation_keys, MAX_RECORDS_PER_KEY, _compare_organisation_spelling),
        ],
    )


def _compare_acronyms(
    one: ComparedOrganisation, other: ComparedOrganisation
) -> tuple[str, int] | None:
    if one.folded == other.folded:
        return None
    if one.folded_abbreviation == other.folded_abbreviation:
        return gettext_noop("the same acronym"), 75
    return gettext_noop("the acronym of one is the name of the other"), 96


def _compare_organisation_spelling(
    one: ComparedOrganisation, other: ComparedOrganisation
) -> tuple[str, int] | None:
    if one.folded == other.folded or _words_with_digits(one) != _words_with_digits(other):
        return None
    return _compare_spelling(one.folded, other.folded, 93)


def _fuzzy_organisation_keys(body: ComparedOrganisation) -> list:
    words = [word for word in body.folded.split() if word not in _SMALL_WORDS]
    if len(body.folded) < 8 or not words:
        return []
    rest = body.folded.split()
    halves = (" ".join(rest[: len(rest) // 2 + 1]), " ".join(rest[len(rest) // 2 :]))
    keys = [("first", words[0], len(words)), ("last", words[-1], len(words))]
    return [*keys, *(("half", half) for half in halves if len(half) >= 8)]


def _words_with_digits(body: ComparedOrganisation) -> list[str]:
    """Fleets, bureaus and committees are distinguished by their numbers."""
    return [word for word in body.folded.split() if any(letter.isdigit() for letter in word)]


def load_compared_speakers(speakers=None) -> list[ComparedPerson]:
    """Return the compared data of speakers; two queries."""
    rows = Speaker.objects.order_by() if speakers is None else speakers
    people_of = {
        row[0]: ComparedPerson(*row)
        for row in rows.values_list("pk", "given_name", "family_name", "suffix", "orcid")
    }
    _add_other_names(people_of, SpeakerAlias, "speaker_id", speakers is None)
    return list(people_of.values())


def load_compared_organisations(organisations=None) -> list[ComparedOrganisation]:
    """Return the compared data of organisations; two queries."""
    rows = Organisation.objects.order_by() if organisations is None else organisations
    bodies_of = {
        row[0]: ComparedOrganisation(*row)
        for row in rows.values_list("pk", "name", "abbreviation", "ror_id")
    }
    _add_other_names(bodies_of, OrganisationAlias, "organisation_id", organisations is None)
    return list(bodies_of.values())


def _add_other_names(named, aliases, owner, is_all):
    rows = aliases.objects.order_by()
    if not is_all:
        rows = rows.filter(**{f"{owner}__in": list(named)})
    for key, name in rows.values_list(owner, "name"):
        if key in named:
            named[key].others.append(name)
            named[key].__post_init__()


def speakers_with_similar_name(
    given: str, family: str, suffix: str = "", *, besides: int | None = None
):
    """Return [(speaker, reason)] for the speakers a name may mean, the likeliest first."""
    new = ComparedPerson(0, given, family, suffix)
    if not new.folded_family:
        return []
    starts = Q(sort_key__startswith=sort_key(family)[:2])
    if not is_initials(given) and new.folded_given:
        starts |= Q(sort_key__startswith=f"{sort_key(given)}0")  # names exchanged
    known = SpeakerAlias.objects.filter(name__icontains=family.strip()).values("speaker")
    rows = Speaker.objects.filter(starts | Q(pk__in=known)).exclude(pk=besides)
    return _likeliest_records(
        candidate_pairs_of_speakers,
        [*load_compared_speakers(rows.order_by("pk")[:MAX_CANDIDATES_COMPARED]), new],
        Speaker,
    )


def organisations_with_similar_name(
    name: str, abbreviation: str = "", *, besides: int | None = None
):
    """Return [(organisation, reason)] for the organisations a name may mean, the likeliest first."""
    new = ComparedOrganisation(0, name, abbreviation)
    if not new.folded:
        return []
    condition = Q(sort_key__startswith=sort_key(name.removeprefix("The "))[:3])
    for word in filter(None, (name.strip(), abbreviation.strip())):
        condition |= Q(abbreviation__iexact=word) | Q(name__iexact=word)
        condition |= Q(
            pk__in=OrganisationAlias.objects.filter(name__iexact=word).values("organisation")
        )
    rows = Organisation.objects.filter(condition).exclude(pk=besides)
    return _likeliest_records(
        candidate_pairs_of_organisations,
        [*load_compared_organisations(rows.order_by("pk")[:MAX_CANDIDATES_COMPARED]), new],
        Organisation,
    )


def _likeliest_records(pairs: Callable, compared: list, model):
    likeness_of: dict[int, tuple[int, str]] = {}
    for one, other, reason, likeness in pairs(compared).similar_pairs_of([0]):
        key = one or other
        likeness_of[key] = max(likeness_of.get(key, (0, "")), (likeness, reason))
    best = sorted(likeness_of.items(), key=lambda candidate: (-candidate[1][0], candidate[0]))[:10]
    records = model.objects.in_bulk([key for key, _told in best])
    return [(records[key], reason) for key, (_likeness, reason) in best if key in records]
