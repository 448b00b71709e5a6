"""Directories: which entries stand in them, and how many the page says there are."""

import pytest

from sessions_app import entries
from tests.factories import AppearanceFactory, SessionFactory, SpeakerFactory, TopicFactory

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
    monkeypatch.setattr(entries, "number_of_values", lambda kind, facet: None)

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
