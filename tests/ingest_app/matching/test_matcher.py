"""People and organisations are found under variants; in doubt a new record is created and reported."""

import pytest

from ingest_app.matching.matcher import Matcher
from speakers_app.models import Organisation, Speaker
from speakers_app.names.comparison import fold_name, may_be_same_given_name
from speakers_app.people_line import ParsedPerson
from tests.factories import (
    AppearanceFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbour():
    return OrganisationFactory(name="Harbour Institute", abbreviation="HI")


@pytest.fixture
def coast():
    return OrganisationFactory(name="Coast Desk")


def speaker_at(organisation, family, given):
    speaker = SpeakerFactory(family_name=family, given_name=given)
    AppearanceFactory(speaker=speaker, organisation=organisation)
    return speaker


def match_speaker(family, given, *organisations, fuller_name="", **parts):
    person = ParsedPerson(family, given, **parts)
    return Matcher.from_database().match_speaker(person, list(organisations), fuller_name)


def match_organisation(text):
    return Matcher.from_database().match_organisation(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour Institute", "HARBOUR  institute"),
        ("The Harbour Institute", "Harbour Institute"),
        ("Café “Núñez-Ibarra”", "Cafe Nunez Ibarra"),
        ("Ships & Tides", "ships and tides"),
        ("Ships&Tides", "Ships ＆ Tides"),
        ("U.S. Navy", "u s navy"),
        ("Łukasz Øst", "lukasz ost"),
        ("Đorđe Æsir Þór Ðað", "dorde aesir thor dad"),
        ("Yıldız İpek Œuvre Straße", "yildiz ipek oeuvre strasse"),
        ("O’Brien", "OBrien"),
        ("al-Qa’ida", "al Qaʿida"),
    ],
)
def test_names_that_are_equal_when_folded(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("The", ""), ("Harbour Institute", "Harbour Institutes"), ("Łódź", "Odz"), ("海洋", "海")],
)
def test_names_that_remain_different(one, other):
    assert fold_name(one) != fold_name(other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Karin", "Karin", True),
        ("K.", "Karin", True),
        ("Karin", "K", True),
        ("K. M.", "Karin Maria", True),
        ("K. M.", "Karin", True),
        ("J.-P.", "Jean-Paul", True),
        ("Karin", "Karin Maria", True),
        ("", "Karin", True),
        ("José", "Jose", True),
        ("K. M.", "Karin Sofie", False),
        ("T.", "Karin", False),
        ("Karin", "Karl", False),
        ("Karin Maria", "Karin Sofie", False),
    ],
)
def test_given_names_that_may_be_the_same(one, other, expected):
    assert may_be_same_given_name(one, other) is may_be_same_given_name(other, one) is expected


@pytest.mark.parametrize(
    "text",
    [
        "Harbour Institute",
        "the harbour institute",
        "Harbour Institute (HI)",
        "Harbour Institute [HI]",
        "HI",
        "Old Harbour School",
    ],
)
def test_organisation_matches_its_variants(harbour, text):
    OrganisationAliasFactory(organisation=harbour, name="Old Harbour School")

    match = match_organisation(text)

    assert (match.record, match.certainty, match.remark) == (harbour, "same", "")
    assert Organisation.objects.count() == 1


def test_new_organisation_is_found_by_its_acronym_at_once():
    matcher = Matcher.from_database()

    made = matcher.match_organisation("Center for Tidal Studies (CTS)")
    found = matcher.match_organisation("CTS")

    assert (made.certainty, found.certainty) == ("new", "same")
    assert found.record == made.record
    assert (made.record.name, made.record.abbreviation) == ("Center for Tidal Studies", "CTS")


def test_existing_organisation_gets_its_acronym(coast):
    matcher = Matcher.from_database()

    matcher.match_organisation("Coast Desk (CD)")

    coast.refresh_from_db()
    assert coast.abbreviation == "CD"
    assert matcher.match_organisation("CD").record == coast


def test_another_acronym_of_a_known_organisation_is_reported_and_not_stored(harbour):
    match = match_organisation("Harbour Institute (HBI)")

    harbour.refresh_from_db()
    assert (match.record, harbour.abbreviation) == (harbour, "HI")
    assert match.remark == "“Harbour Institute” has the acronym HI here, HBI there"


@pytest.mark.parametrize(
    ("known", "text", "remark"),
    [
        (
            [{"name": "Harbour Institute", "abbreviation": "HI"}, {"name": "Hill Inn", "abbreviation": "HI"}],
            "HI",
            "“HI” is the acronym of several organisations",
        ),
        (
            [{"name": "Harbour Institute"}, {"name": "The Harbour Institute"}],
            "Harbour Institute",
            "“Harbour Institute” names several organisations",
        ),
        (
            [{"name": "CTS"}],
            "Center for Tidal Studies (CTS)",
            "“CTS” alone is an organisation already; is it “Center for Tidal Studies”?",
        ),
        (
            [{"name": "Harbour Institute"}],
            "Harbor Institute",
            "“Harbor Institute” looks like “Harbour Institute”",
        ),
    ],
)  # fmt: skip
def test_doubtful_organisation_is_created_and_reported(known, text, remark):
    records = [OrganisationFactory(**fields) for fields in known]

    match = match_organisation(text)

    assert (match.certainty, match.remark) == ("doubt", remark)
    assert match.record not in records
    assert Organisation.objects.count() == len(records) + 1


@pytest.mark.parametrize("text", ["Coast Guard", "hi", "Institute"])
def test_different_organisation_is_created_without_doubt(harbour, text):
    match = match_organisation(text)

    assert (match.certainty, match.remark) == ("new", "")
    assert match.record != harbour


@pytest.mark.parametrize(
    ("family", "given"),
    [("Lund", "Karin"), ("Lund", "K."), ("LUND", "karin"), ("Lund", "Karin Maria"), ("Lund", "")],
)
def test_speaker_matches_variants_at_the_same_organisation(harbour, family, given):
    karin = speaker_at(harbour, "Lund", "Karin")

    match = match_speaker(family, given, harbour)

    assert (match.record, match.certainty, match.remark) == (karin, "same", "")
    assert list(Speaker.objects.values_list("family_name", "given_name")) == [("Lund", "Karin")]


def test_same_full_name_matches_at_any_organisation(harbour, coast):
    karin = speaker_at(harbour, "Lund", "Karin")
    matcher = Matcher.from_database()

    moved = matcher.match_speaker(ParsedPerson("Lund", "Karin"), [coast])
    initial = matcher.match_speaker(ParsedPerson("Lund", "K."), [coast])

    assert (moved.record, moved.certainty) == (karin, "same")
    assert (initial.record, initial.certainty) == (karin, "same")


def test_full_name_in_the_text_replaces_the_initial(harbour, coast):
    karin = speaker_at(harbour, "Lund", "Karin")

    match = match_speaker("Lund", "K.", coast, fuller_name="Karin")

    assert (match.record, match.certainty) == (karin, "same")


def test_initial_becomes_the_full_name_and_remains_an_alias(harbour):
    initial = speaker_at(harbour, "Lund", "K.")

    match = match_speaker("Lund", "Karin", harbour, honorific="Dr.", suffix="PhD")

    initial.refresh_from_db()
    assert match.record == initial
    assert initial.full_name == "Dr. Karin Lund, PhD"
    assert [alias.name for alias in initial.aliases.all()] == ["Lund, K."]


def test_known_honorific_and_name_are_not_replaced(harbour):
    speaker = speaker_at(harbour, "Lund", "Karin")
    Speaker.objects.update(honorific="Prof.")

    match_speaker("Lund", "K.", harbour, honorific="Dr.")

    speaker.refresh_from_db()
    assert speaker.full_name == "Prof. Karin Lund"


def test_speaker_is_found_by_an_alias_at_the_same_organisation(harbour, coast):
    karin = speaker_at(harbour, "Lund", "Karin")
    SpeakerAliasFactory(speaker=karin, name="Holm, K.")

    here = match_speaker("Holm", "K.", harbour)
    elsewhere = match_speaker("Holm", "K.", coast)

    assert (here.record, here.certainty) == (karin, "same")
    assert elsewhere.record != karin


def test_further_affiliations_count_in_a_later_run(harbour, coast):
    karin = SpeakerFactory(family_name="Lund", given_name="Karin")
    AppearanceFactory(speaker=karin, organisation=harbour).further_organisations.add(coast)

    match = match_speaker("Lund", "K.", coast)

    assert (match.record, match.certainty) == (karin, "same")


@pytest.mark.parametrize(
    ("known", "given"),
    [
        (["Karin"], "K."),  # the initial matches, the organisation does not
        (["K."], "Karin"),
        (["K."], "K."),
        (["Karin"], "Karin Maria"),
        (["Karin"], ""),
    ],
)
def test_initials_without_a_shared_organisation_are_a_doubt(harbour, coast, known, given):
    for name in known:
        speaker_at(harbour, "Lund", name)

    match = match_speaker("Lund", given, coast)

    assert match.certainty == "doubt"
    assert match.remark.endswith(f"may be the same person as: {known[0]} Lund")
    assert Speaker.objects.count() == len(known) + 1


def test_initial_that_matches_two_people_is_a_doubt(harbour):
    both = {speaker_at(harbour, "Lund", "Karin"), speaker_at(harbour, "Lund", "Karl")}

    match = match_speaker("Lund", "K.", harbour)

    assert match.record not in both
    assert match.certainty == "doubt"
    assert match.remark == "“Lund, K.” may be the same person as: Karin Lund; Karl Lund"


def test_equal_full_names_of_two_people_are_a_doubt(harbour, coast):
    both = {speaker_at(harbour, "Lund", "Karin"), speaker_at(coast, "Lund", "Karin")}

    match = match_speaker("Lund", "Karin", OrganisationFactory())

    assert match.record not in both
    assert match.certainty == "doubt"


@pytest.mark.parametrize(
    ("family", "given", "reason"),
    [
        ("Lunde", "Karin", "spelt almost the same"),
        ("Karin", "Lund", "given and family name exchanged"),
        ("Lund", "Kаrin", "the same to the eye, in letters of another alphabet"),  # Cyrillic a
        ("Lυnd", "Karin", "the same to the eye, in letters of another alphabet"),  # Greek u
    ],
)
def test_similar_name_is_a_doubt(harbour, family, given, reason):
    karin = speaker_at(harbour, "Lund", "Karin")

    match = match_speaker(family, given, harbour)

    assert match.record != karin
    assert match.certainty == "doubt"
    assert match.remark.endswith(f"Karin Lund ({reason})")


def test_organisation_in_letters_of_another_alphabet_is_a_doubt(harbour):
    match = match_organisation("Нarbour Institute")  # Cyrillic N

    assert match.record != harbour
    assert match.remark == "“Нarbour Institute” looks like “Harbour Institute”"


@pytest.mark.parametrize(
    ("family", "given"),
    [("Lund", "T."), ("Lund", "Karl"), ("Lindqvist", "Karin"), ("Greer", "K.")],
)
def test_different_name_is_created_without_doubt(harbour, family, given):
    karin = speaker_at(harbour, "Lund", "Karin")

    match = match_speaker(family, given, harbour)

    assert (match.certainty, match.remark) == ("new", "")
    assert match.record != karin


def test_new_speaker_gets_short_name_and_nickname_as_aliases(harbour):
    match = match_speaker(
        "Lund", "K.", harbour, fuller_name="Karin", nickname="Kaja", honorific="Dr.", suffix="Jr."
    )

    assert match.record.full_name == "Dr. Karin Lund, Jr."
    assert [each.name for each in match.record.aliases.all()] == ["Kaja Lund", "Lund, K."]


def test_new_speaker_is_found_at_once(harbour):
    matcher = Matcher.from_database()

    made = matcher.match_speaker(ParsedPerson("Lund", "Karin"), [harbour])
    found = matcher.match_speaker(ParsedPerson("Lund", "K."), [harbour])

    assert (made.certainty, found.certainty) == ("new", "same")
    assert found.record == made.record
