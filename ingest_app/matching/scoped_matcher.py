"""A matcher for one page, which loads only similar names, not the whole archive."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q
from rapidfuzz import fuzz, process

from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias
from speakers_app.names.comparison import fold_name, look_alike_key_of_folded
from speakers_app.people_line import KnownNames, ParsedPerson
from speakers_app.people_line.affiliations import (
    split_name_and_abbreviation,
    split_outside_brackets,
)

from .matcher import MIN_OFFERED_SIMILARITY, Matcher

MAX_SIMILAR_NAMES = 50  # similar names; further ones would not be better


def known_names() -> KnownNames:
    """Return the names of the archive's organisations and people, aliases too. Four queries."""
    organisations = [
        name
        for names in Organisation.objects.order_by().values_list("name", "abbreviation")
        for name in names
    ]
    organisations += OrganisationAlias.objects.order_by().values_list("name", flat=True)
    people = list(Speaker.objects.order_by().values_list("given_name", "family_name"))
    for alias in SpeakerAlias.objects.order_by().values_list("name", flat=True):
        family, comma, given = alias.partition(",")
        people.append((given, family) if comma else tuple(alias.rpartition(" ")[::2]))
    return KnownNames.from_names(organisations, people)


def matcher_for_people(
    people: Iterable[ParsedPerson], *, stores: bool, user=None, offers: bool = False
) -> Matcher:
    """Return a matcher that finds for these people and their affiliations what one of the whole
    archive finds.

    Names are read as bare rows and folded here, because a database folds neither accents nor
    punctuation; records are loaded of those that come near.
    """
    people = list(people)
    matcher = Matcher(stores, user, offers)
    _load_similar_organisations(matcher, people)
    _load_similar_speakers(matcher, people)
    matcher.load_series()
    return matcher


def _load_similar_organisations(matcher, people):
    rows = Organisation.objects.order_by().values_list("pk", "name", "abbreviation")
    aliases = OrganisationAlias.objects.order_by().values_list("organisation", "name")
    keys, acronyms = defaultdict(set), defaultdict(set)
    for pk, name, abbreviation in rows:
        keys[fold_name(name)].add(pk)
        acronyms[abbreviation].add(pk)
    for pk, name in aliases:
        keys[fold_name(name)].add(pk)
    near = set()
    for person in people:
        for text in split_outside_brackets(person.affiliation, ";"):
            name, abbreviation = split_name_and_abbreviation(text)
            near |= _values_of_similar_names(fold_name(name), keys) | acronyms.get(
                abbreviation or name, set()
            )
            near |= keys.get(fold_name(abbreviation), set()) if abbreviation else set()
    for organisation in Organisation.objects.filter(pk__in=near).prefetch_related("aliases"):
        matcher.add_organisation(organisation)


def _load_similar_speakers(matcher, people):
    families = defaultdict(set)
    for family in Speaker.objects.order_by().values_list("family_name", flat=True).distinct():
        families[fold_name(family)].add(family)
    aliases = defaultdict(set)
    for pk, name in SpeakerAlias.objects.order_by().values_list("speaker", "name"):
        aliases[fold_name(name)].add(pk)
    near, named = set(), set()
    for person in people:
        near |= _values_of_similar_names(fold_name(person.family), families)
        near |= families.get(fold_name(person.given_or_initial), set())  # names exchanged
        sort_name = ", ".join(part for part in (person.family, person.given_or_initial) if part)
        named |= aliases.get(fold_name(sort_name), set())
    speakers = Speaker.objects.filter(Q(family_name__in=near) | Q(pk__in=named))
    for speaker in speakers.prefetch_related("aliases"):
        matcher.add_speaker(speaker)
    matcher.load_affiliations(speakers)


def _values_of_similar_names(folded, known):
    matches = process.extract(
        folded,
        known.keys(),
        scorer=fuzz.ratio,
        processor=look_alike_key_of_folded,
        score_cutoff=MIN_OFFERED_SIMILARITY,
        limit=MAX_SIMILAR_NAMES,
    )
    return set().union(*(known[name] for name, _score, _place in matches))
