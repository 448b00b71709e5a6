"""Titles of lists, pages and feeds distinguish queries; empty formats are not offered."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from lxml import etree, html

from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cyber():
    topic = TopicFactory(name="Cyber", slug="cyber")
    for number in range(11):
        session = SessionFactory(title=f"Water {number}", held_on=date(2019, 5, 1))
        session.topics.add(topic)
        RecommendationFactory(session=session, text=f"Store water {number} days.")
    return topic


def title(client, address):
    return html.fromstring(client.get(address).content.decode()).findtext("head/title")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "{}"),
        ("?q=water", "{} with “water”"),
        ("?topic=cyber", "{}, Topic: Cyber"),
        ("?q=water&topic=cyber&per_page=10&page=2", "{} with “water”, Topic: Cyber, page 2"),
        ("?year=2019&year=2018", "{}, Year: 2019 or 2018"),
    ],
)
@pytest.mark.parametrize(
    ("path", "heading"), [("/sessions/", "Sessions"), ("/recommendations/", "Recommendations")]
)
def test_title_says_what_is_listed(client, cyber, path, heading, query, expected):
    assert title(client, path + query) == f"{expected.format(heading)} – Speaker Series Archive"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/sessions/feed.atom", "Sessions"),
        ("/sessions/feed.atom?topic=cyber", "Sessions, Topic: Cyber"),
        ("/recommendations/feed.atom?q=water", "Recommendations with “water”"),
        ("/topics/cyber/feed.atom", "Topic: Cyber"),
        ("/topics/cyber/feed.atom?q=water", "Topic: Cyber with “water”"),
    ],
)
def test_feed_has_the_title_of_its_list(client, cyber, address, expected):
    feed = etree.fromstring(client.get(address).content)

    assert feed.findtext("{*}title") == f"{expected} – Speaker Series Archive"


def test_title_of_a_session_includes_its_date(client):
    SessionFactory(title="How crises learn", slug="crises", held_on=date(2019, 11, 15))

    assert title(client, "/sessions/crises/") == (
        "How crises learn, 15 November 2019 – Speaker Series Archive"
    )


def test_unknown_value_is_not_counted(client):
    for number in range(12):
        SessionFactory().topics.add(TopicFactory(slug=f"topic-{number}"))

    page = client.get("/sessions/?topic=nope").content.decode()

    assert "All 12<" in page


def test_only_letters_with_names_are_listed(client):
    AppearanceFactory(speaker=SpeakerFactory(family_name="Abara"))
    AppearanceFactory(speaker=SpeakerFactory(family_name="Öz"))
    AppearanceFactory(speaker=SpeakerFactory(family_name="Xu"), session__status="draft")

    page = html.fromstring(client.get("/speakers/").content.decode())

    assert [link.text for link in page.xpath("//ul[@class='letters']//a")] == ["A", "O"]


def test_empty_archive_offers_no_empty_formats(client):
    page = client.get("/").content.decode()

    assert "Sessions to come" not in page
    assert "Recommended again" not in page
    assert "0" not in html.fromstring(page).xpath("string(//ul[@class='home__numbers'])")
    for address in ("/sessions/", "/recommendations/", "/speakers/", "/topics/"):
        text = client.get(address).content.decode()
        assert "in the archive yet" in text
        assert "Try another word" not in text


def test_future_sessions_are_offered_if_there_are_any(client):
    SessionFactory(held_on=timezone.localdate() + timedelta(days=9))

    assert "Coming up" in client.get("/").content.decode()
