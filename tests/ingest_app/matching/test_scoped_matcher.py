"""A matcher for one page finds what one for the whole archive finds, and offers the alternatives."""

import pytest

from ingest_app.matching.matcher import NEW_RECORD_CHOICE, Matcher
from ingest_app.matching.scoped_matcher import matcher_for_people
from ingest_app.pages.page_parser import read_page_record
from ingest_app.pages.page_writer import matched_people
from speakers_app.models import Organisation, Speaker
from tests.factories import (
    AppearanceFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    SeriesFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
)

pytestmark = pytest.mark.django_db
LINE = "Speakers: Núñez, K. (Harbour Institute); Greer, T. (CD); Lee, A. (Coast Desk (CD)); Ng, B. (Tide Office)"


@pytest.fixture
def record():
    return read_page_record(f"Tides\n{LINE}\nDate: 4 May 2020")


@pytest.fixture
def archive():
    """People and organisations that the line means, similar ones, and unrelated ones."""
    desk = OrganisationFactory(name="Coast Desk", abbreviation="CD")
    institute = OrganisationFactory(name="Institute of Harbours")
    OrganisationAliasFactory(organisation=institute, name="harbour-institute")
    OrganisationFactory(name="Tides Office")
    OrganisationFactory(name="Far away")
    AppearanceFactory(
        speaker=SpeakerFactory(family_name="Nunez", given_name="Karin"), organisation=institute
    )
    greer = SpeakerFactory(family_name="Greer-Hall", given_name="Thea")
    SpeakerAliasFactory(speaker=greer, name="Greer, T.")
    AppearanceFactory(speaker=greer, organisation=desk)
    SpeakerFactory(family_name="Greer", given_name="Tom")
    SpeakerFactory(family_name="Grier", given_name="T.")
    AppearanceFactory(speaker=SpeakerFactory(family_name="Far", given_name="Away"))


def found(record, matcher):
    return [
        (
            str(each.speaker.record),
            each.speaker.certainty,
            [str(match.record) for match in each.organisations],
            [match.certainty for match in each.organisations],
        )
        for each in matched_people(record, matcher)
    ]


def test_matcher_for_a_page_agrees_with_the_matcher_for_the_archive(record, archive):
    near = found(record, matcher_for_people(record.speakers, stores=False, offers=True))

    assert near == found(record, Matcher.from_database(stores=False))
    assert near == [
        ("Karin Nunez", "same", ["Institute of Harbours"], ["same"]),
        ("Thea Greer-Hall", "same", ["Coast Desk (CD)"], ["same"]),
        ("A. Lee", "new", ["Coast Desk (CD)"], ["same"]),
        ("B. Ng", "new", ["Tide Office"], ["doubt"]),
    ]


def test_planning_matcher_stores_nothing(record, archive):
    before = (Speaker.objects.count(), Organisation.objects.count())

    list(matched_people(record, matcher_for_people(record.speakers, stores=False, offers=True)))

    assert (Speaker.objects.count(), Organisation.objects.count()) == before


def test_alternatives_are_ordered_and_give_the_reason(record, archive):
    people = list(
        matched_people(record, matcher_for_people(record.speakers, stores=False, offers=True))
    )

    assert [
        [(str(each.record), each.certainty, each.reason) for each in person.speaker.candidates]
        for person in people
    ] == [
        [("Karin Nunez", "likely", "the name fits, with this organisation")],
        [
            ("Thea Greer-Hall", "likely", "known by this name, with this organisation"),
            ("Tom Greer", "possible", "the name fits"),
            ("T. Grier", "possible", "spelled 86 % alike"),
        ],
        [],
        [],
    ]
    assert [
        [
            (str(each.record), each.certainty, each.reason)
            for each in person.organisations[0].candidates
        ]
        for person in people
    ] == [
        [("Institute of Harbours", "certain", "the same name")],
        [("Coast Desk (CD)", "certain", "its acronym")],
        [("Coast Desk (CD)", "certain", "the same name")],
        [("Tides Office", "possible", "96 % alike")],
    ]


def test_two_indications_make_a_match_certain():
    karin = SpeakerFactory(family_name="Lund", given_name="Karin")
    AppearanceFactory(speaker=karin, organisation__name="Coast Desk")
    record = read_page_record("Tides\nSpeakers: Karin Lund (Coast Desk)\nDate: 4 May 2020")

    [person] = matched_people(
        record, matcher_for_people(record.speakers, stores=False, offers=True)
    )

    assert [(each.record, each.certainty, each.reason) for each in person.speaker.candidates] == [
        (karin, "certain", "the name fits, with this organisation; the same full name")
    ]


def test_series_is_found_created_or_chosen():
    harbour = SeriesFactory(name="Harbour")
    coast = SeriesFactory(name="Coastal Affairs")
    matcher = matcher_for_people([], stores=False, offers=True)

    same, new = matcher.match_series("HARBOUR"), matcher.match_series("Coastal Affair")

    assert (same.record, same.certainty) == (harbour, "same")
    assert new.certainty == "new"
    assert [(each.record, each.certainty) for each in new.candidates] == [(coast, "possible")]
    assert matcher.match_series("Coastal Affair", str(coast.pk)).record == coast
    assert matcher_for_people([], stores=True).match_series("Tides", NEW_RECORD_CHOICE).record.pk
