"""Other names and synonyms: each term finds what its other names find, from the next search on."""

from datetime import UTC, datetime

import pytest

from search_app import api
from search_app.criteria_and_hits import Criteria
from search_app.models import Synonym
from tests.factories import (
    PUBLISHED_AT,
    AppearanceFactory,
    OrganisationFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
)
from tests.search_app.samples import KIND

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(samples):
    samples.put(1, title="Ports of China", summary="Steel and silk.")
    samples.put(2, title="Shipyards", summary="What the PRC builds.")
    samples.put(3, title="Patents", summary="Who owns intellectual property?", topic="Law")
    samples.put(4, title="Licences", summary="Theft of IP in court.")
    samples.put(5, title="Property", summary="An intellectual buys a house.")
    Synonym.objects.create(term="PRC", equivalent="China")
    Synonym.objects.create(term="IP", equivalent="intellectual property")


def found(text):
    return set(api.search(Criteria(kind=KIND, text=text)).keys)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("PRC", {1, 2}),
        ("china", {1, 2}),
        ('"China"', {1, 2}),
        ("title:PRC", {1}),
        ("-PRC", {3, 4, 5}),
        ("IP", {3, 4}),
        ('"intellectual property"', {3, 4}),
        ("intellectual property", {3, 4, 5}),
        ("theft intellectual property", {4}),
        ("intellectual house property", {5}),
        ("PRC OR law", {1, 2, 3}),
        ("PRC silk", {1}),
        ("chin*", {1}),
    ],
)
def test_each_of_two_terms_finds_the_other(archive, text, keys):
    assert found(text) == keys


def test_changed_synonym_applies_at_the_next_search(archive):
    synonym = Synonym.objects.get(term="PRC")
    assert found("PRC") == {1, 2}

    synonym.delete()
    assert found("PRC") == {2}

    Synonym.objects.create(term="PRC", equivalent="steel")
    assert found("PRC") == {1, 2}


def test_meanings_of_an_acronym_do_not_find_each_other(archive, samples):
    samples.put(6, title="Packets", summary="The internet protocol.")
    Synonym.objects.create(term="IP", equivalent="internet protocol")

    assert found("IP") == {3, 4, 6}
    assert found('"internet protocol"') == {4, 6}


def test_results_report_the_other_names_used(archive):
    hits = api.search(Criteria(kind=KIND, text="prc harbour"))

    assert hits.synonyms_used == (("prc", "China"),)


def test_excerpt_reports_that_another_name_matched(archive):
    excerpts = api.search(Criteria(kind=KIND, text="IP")).excerpts

    assert excerpts[3].other_name == ("intellectual property", "IP")
    assert "<mark>intellectual property</mark>" in excerpts[3].html
    assert excerpts[4].other_name is None


def appearance_of_named(**session):
    """Create a session with a topic, speaker and organisation that have other names."""
    topic = TopicFactory(name="Artificial intelligence")
    TopicAliasFactory(topic=topic, name="Thinking machines")
    institute = OrganisationFactory(name="Institute of River Studies", abbreviation="IRS")
    speaker = SpeakerFactory(given_name="Karin", family_name="Lund")
    SpeakerAliasFactory(speaker=speaker, name="Karin Holm")
    session = SessionFactory(**session)
    session.topics.add(topic)
    return AppearanceFactory(session=session, speaker=speaker, organisation=institute)


def test_names_of_records_find_what_the_full_name_finds(samples):
    appearance_of_named()
    samples.put(1, title="On artificial intelligence")
    samples.put(2, title="At the Institute of River Studies")
    samples.put(3, title="What Karin Lund said")

    assert found("thinking machines") == {1}
    assert found("irs") == {2}
    assert found("karin holm") == {3}


@pytest.mark.parametrize("text", ["thinking machines", "irs", '"karin holm"', "-irs", "irs OR x"])
@pytest.mark.parametrize(
    "state",
    [
        {"status": "draft"},
        {"status": "withdrawn"},
        {"status": "published", "published_at": datetime(2099, 1, 1, tzinfo=UTC)},
    ],
)
def test_names_of_unpublished_records_are_not_revealed(samples, state, text):
    session = appearance_of_named(**state).session
    samples.put(1, title="On artificial intelligence")

    assert api.search(Criteria(kind=KIND, text=text)).synonyms_used == ()

    session.status, session.published_at = "published", PUBLISHED_AT
    session.save()
    assert api.search(Criteria(kind=KIND, text=text)).synonyms_used != ()

    session.status = "withdrawn"
    session.save()
    assert api.search(Criteria(kind=KIND, text=text)).synonyms_used == ()


def test_synonym_applies_although_a_hidden_record_has_the_name(samples):
    appearance_of_named(status="draft")
    Synonym.objects.create(term="IRS", equivalent="Institute of River Studies")
    samples.put(1, title="At the Institute of River Studies")

    assert found("irs") == {1}


def test_hidden_records_do_not_displace_public_ones(samples):
    for number in range(100):
        OrganisationFactory(name=f"Hidden body {number}", abbreviation="IRS")
    appearance_of_named()

    used = api.search(Criteria(kind=KIND, text="irs")).synonyms_used

    assert used == (("irs", "Institute of River Studies"),)


def test_session_is_found_by_an_alias_of_its_topic():
    topic = TopicFactory(name="Artificial intelligence")
    session = SessionFactory()
    session.topics.add(topic)
    assert api.search(Criteria(text="AI")).total == 0

    TopicAliasFactory(topic=topic, name="AI")

    assert api.search(Criteria(text="AI")).keys == [session.pk]


def test_terms_are_not_read_again_for_other_changes(archive, samples, django_assert_num_queries):
    found("PRC")
    samples.put(7, title="Something else")
    found("PRC")

    with django_assert_num_queries(1):  # the newest change
        found("PRC")
