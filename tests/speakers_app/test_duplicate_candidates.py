import pytest

from speakers_app.duplicate_candidates import (
    ComparedOrganisation,
    ComparedPerson,
    candidate_pairs_of_organisations,
    candidate_pairs_of_speakers,
    organisations_with_similar_name,
    speakers_with_similar_name,
)
from tests.factories import (
    OrganisationAliasFactory,
    OrganisationFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
)


def best(pairs):
    found = {}
    for one, other, reason, likeness in pairs:
        key = (min(one, other), max(one, other))
        found[key] = max(found.get(key, (0, "")), (likeness, reason))
    return {key: reason for key, (_likeness, reason) in found.items()}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("Samuel", "Bendett"), ("Samuel", "Bendett"), "the same name"),
        (("José", "Núñez-Ibarra"), ("Jose", "Nunez Ibarra"), "the same name"),
        (("Samuel", "Bendett"), ("S.", "Bendett"), "initials that fit"),
        (("Samuel", "Bendett"), ("Samuel James", "Bendett"), "a second given name"),
        (("Samuel", "Bendett"), ("Sam", "Bendett"), "a short form of the given name"),
        (("Samuel", "Bendett"), ("Bendett", "Samuel"), "given and family name exchanged"),
        (("Samuel", "Bendett"), ("Samuel", "Bendet"), "spelt almost the same"),
        (("Samuel", "Bendett"), ("", "Bendett"), "a family name alone"),
        (("Katherine", "Thorne"), ("Katharine", "Thorne"), "given name spelt almost the same"),
        (
            ("Elsa", "Kania"),
            ("Еlsа", "Kania"),  # Cyrillic E and a
            "the same to the eye, in letters of another alphabet",
        ),
        (("Łukasz", "Øst"), ("Lukasz", "Ost"), "the same name"),
        (("Elsa", "Kania"), ("Samuel", "Kania"), None),
        (("E.", "Kania"), ("S.", "Kania"), None),
        (("Elsa", "Kania"), ("Elsa", "Thorne"), None),
        (("Wei", "Li"), ("Wei", "Lu"), None),  # short names that differ in a letter
    ],
)
def test_names_of_one_person_are_recognised(one, other, reason):
    found = best(candidate_pairs_of_speakers([ComparedPerson(1, *one), ComparedPerson(2, *other)]))

    assert found == ({(1, 2): reason} if reason else {})


def test_father_and_son_are_different_people():
    pair = [
        ComparedPerson(1, "William", "Fitzgerald", "Jr."),
        ComparedPerson(2, "William", "Fitzgerald", "Sr."),
    ]

    assert best(candidate_pairs_of_speakers(pair)) == {}


def test_other_names_and_identifiers_are_compared():
    people = [
        ComparedPerson(1, "Elsa", "Kania", others=["Thorne, E."]),
        ComparedPerson(2, "E.", "Thorne"),
        ComparedPerson(3, "A", "B", orcid="0000-0002-1825-0097"),
        ComparedPerson(4, "C", "D", orcid="0000-0002-1825-0097"),
    ]

    assert best(candidate_pairs_of_speakers(people)) == {
        (1, 2): "the other name of one is a name of the other",
        (3, 4): "the same ORCID",
    }


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("The Baltic Energy Desk",), ("Baltic energy desk",), "the same name"),
        (("Science & Security",), ("Science and Security",), "the same name"),
        (
            ("RAND",),
            ("RΑND",),  # Greek alpha
            "the same to the eye, in letters of another alphabet",
        ),
        (("University of Maryland",), ("Maryland University",), "the same words"),
        (("Center for Naval Analyses", "CNA"), ("CNA",), "the acronym of one is the name of the other"),
        (("Center for Naval Analyses", "CNA"), ("Council of Northern Affairs", "CNA"), "the same acronym"),
        (("Pacific Data Ethics Lab",), ("Pacific Data Ethic Lab",), "spelt almost the same"),
        (("National Harbor University",), ("Natonal Harbor University",), "spelt almost the same"),
        (("Third Fleet 3",), ("Third Fleet 7",), None),
        (("Harbor University",), ("Radio Norte",), None),
    ],
)  # fmt: skip
def test_names_of_one_organisation_are_recognised(one, other, reason):
    found = best(
        candidate_pairs_of_organisations(
            [ComparedOrganisation(1, *one), ComparedOrganisation(2, *other)]
        )
    )

    assert found == ({(1, 2): reason} if reason else {})


@pytest.mark.django_db
def test_similar_speakers_are_found_for_a_new_name(django_assert_num_queries):
    same = SpeakerFactory(given_name="Samuel", family_name="Bendett")
    slip = SpeakerFactory(given_name="Samuel", family_name="Bendet")
    aliased = SpeakerFactory(given_name="Ann", family_name="Other")
    SpeakerAliasFactory(speaker=aliased, name="Bendett, Samuel")
    SpeakerFactory(given_name="Elsa", family_name="Bendett")

    with django_assert_num_queries(3):
        found = speakers_with_similar_name("Samuel", "Bendett")

    assert found == [
        (same, "the same name"),
        (aliased, "the other name of one is a name of the other"),
        (slip, "spelt almost the same"),
    ]
    assert speakers_with_similar_name("Bendett", "Samuel")[0] == (
        same,
        "given and family name exchanged",
    )
    assert speakers_with_similar_name("Samuel", "Bendett", besides=same.pk)[0][0] == aliased
    assert speakers_with_similar_name("", "") == speakers_with_similar_name("x", "—") == []


@pytest.mark.django_db
def test_similar_organisations_are_found_for_a_new_name():
    known = OrganisationFactory(name="Center for Naval Analyses", abbreviation="CNA")
    OrganisationAliasFactory(organisation=known, name="CNA Corp.")
    OrganisationFactory(name="Radio Norte")

    assert organisations_with_similar_name("CNA")[0][0] == known
    assert organisations_with_similar_name("CNA Corp.")[0][0] == known
    assert organisations_with_similar_name("Center for Naval Analysis")[0][0] == known
    assert organisations_with_similar_name("Levant Market Survey") == []
