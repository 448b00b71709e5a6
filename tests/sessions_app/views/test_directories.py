"""Directories: which entries stand in them, and how many the page says there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.catalogue import authorities
from tests.factories import (
    AppearanceFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def speakers():
    """Two whom visitors may know of, one whom only a draft names, one who never spoke."""
    for family_name in ("Abel", "Baker"):
        AppearanceFactory(speaker__family_name=family_name)
    AppearanceFactory(speaker__family_name="Carver", session__status="draft")
    SpeakerFactory(family_name="Daniels")


def listed(response):
    return [entry.record.family_name for entry in response.context["entries"]]


def test_directory_counts_public_entries_alone(client, speakers):
    response = client.get("/speakers/")

    assert listed(response) == ["Abel", "Baker"]
    assert response.context["page"].paginator.count == 2


def test_directory_asks_the_database_while_the_index_lags(client, speakers, monkeypatch):
    monkeypatch.setattr(authorities, "number_of_values", lambda kind, facet: None)

    response = client.get("/speakers/")

    assert listed(response) == ["Abel", "Baker"]
    assert response.context["page"].paginator.count == 2


def test_directory_counts_what_a_letter_begins(client, speakers):
    response = client.get("/speakers/?letter=b")

    assert listed(response) == ["Baker"]
    assert response.context["page"].paginator.count == 1


def test_topic_lives_through_those_below_it(client):
    top = TopicFactory(name="Security")
    middle = TopicFactory(name="Deterrence", parent=top)
    SessionFactory().topics.add(TopicFactory(name="Signalling", parent=middle))
    TopicFactory(name="Unused", parent=middle)

    response = client.get("/topics/")

    names = [(entry.name, entry.depth) for entry in response.context["entries"]]
    assert names == [("Security", 0), ("Deterrence", 1), ("Signalling", 2)]
    assert client.get("/topics/security/").status_code == 200
    assert client.get("/topics/unused/").status_code == 404


def test_topic_page_names_the_way_down_to_it(client):
    top = TopicFactory(name="Security")
    middle = TopicFactory(name="Deterrence", parent=top)
    low = TopicFactory(name="Signalling", parent=middle)
    SessionFactory().topics.add(low)

    response = client.get(low.get_absolute_url())

    assert response.context["ancestors"] == [top, middle]


ALIASES = {
    "speakers": (SpeakerFactory, SpeakerAliasFactory, "speaker"),
    "organisations": (OrganisationFactory, OrganisationAliasFactory, "organisation"),
    "topics": (TopicFactory, TopicAliasFactory, "topic"),
}


@pytest.mark.parametrize("directory", ALIASES)
def test_words_and_other_names_do_not_multiply_rows(client, directory):
    """As joins, 10 words over 10 other names would be 10¹⁰ rows."""
    make, make_alias, field = ALIASES[directory]
    entry = make()
    session = SessionFactory()
    if directory == "topics":
        session.topics.add(entry)
    else:
        AppearanceFactory(session=session, **{field: entry})
    for number in range(10):
        make_alias(**{field: entry}, name=f"abcdefghijkl {number}")

    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/{directory}/?find=a+b+c+d+e+f+g+h+i+j")

    assert [found.record for found in response.context["entries"]] == [entry]
    joined = [query["sql"] for query in queries if query["sql"].count("alias") > 0]
    assert joined
    assert not [sql for sql in joined if 'LEFT OUTER JOIN "' in sql and "alias" in sql]


def test_repeated_words_are_looked_for_once_and_too_many_are_left_out_aloud(client, speakers):
    repeated = client.get("/speakers/", {"find": "abel ABEL " * 5})
    many = client.get("/speakers/", {"find": " ".join("abelmnopqrs")})
    long = client.get("/speakers/", {"find": "a" * 101})

    assert listed(repeated) == ["Abel"]
    assert "Only the first" not in repeated.content.decode()
    for cut in (many, long):
        assert "Only the first 10 words (100 characters) are looked for." in cut.content.decode()


def test_too_many_words_are_refused_by_the_api(client, speakers):
    refused = client.get("/api/v1/speakers/", {"q": " ".join("abelmnopqrs")})

    assert refused.status_code == 400
    (reason,) = refused.json()["invalid_params"]
    assert reason == {"name": "q", "reason": "Give at most 10 words of 100 characters in all."}
