"""The front page: what the archive is, what visitors can do, and what is new."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from lxml import html

from sessions_app.catalogue.recurring import update_groups
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    RegionFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def page(client):
    return html.fromstring(client.get("/").content.decode())


def words(element):
    return " ".join(element.text_content().split())


def section(tree, heading):
    (found,) = tree.xpath(f"//section[h2[@id='{heading}']]")
    return found


def test_future_sessions_are_separate_from_the_newest(client):
    today = timezone.localdate()
    SessionFactory(title="Held", slug="held", held_on=date(2021, 5, 4))
    SessionFactory(title="Today", slug="today", held_on=today)
    SessionFactory(title="To come", slug="to-come", held_on=today + timedelta(days=9))
    SessionFactory(title="Later", slug="later", held_on=today + timedelta(days=40))

    tree = page(client)

    newest = section(tree, "newest").xpath(".//@data-session")
    assert newest == ["held"]
    titles = [words(link) for link in section(tree, "upcoming").xpath(".//li/a")]
    assert titles == ["Today", "To come", "Later"]


def test_front_page_shows_size_dates_and_newest_sessions(client):
    SessionFactory(held_on=date(2015, 1, 20))
    SessionFactory(held_on=date(2019, 7, 1))
    SessionFactory(
        title="Just in", held_on=date(2017, 3, 1), published_at=datetime(2024, 6, 2, tzinfo=UTC)
    )
    SessionFactory(held_on=timezone.localdate() + timedelta(days=30))

    size = words(section(page(client), "size"))

    assert "4 sessions" in size
    assert "Held from January 2015 to July 2019. 1 is still to come." in size
    assert "Last added on 2 June 2024: Just in" in size


def test_front_page_offers_only_existing_kinds(client):
    SessionFactory()

    tree = page(client)

    offered = [words(heading) for heading in tree.xpath("//main//h2")]
    assert offered == [
        "How large the archive is",
        "Find what was said",
        "Newest sessions",
        "Over time",
    ]


def test_empty_archive_has_a_front_page(client):
    tree = page(client)

    assert words(tree.xpath("//h1")[0]).startswith("What experts told decision makers")
    assert tree.xpath("//main//h2") == []


def test_front_page_shows_advice_and_recurring_advice(client):
    for year in (2019, 2020, 2021):
        session = SessionFactory(held_on=date(year, 4, 1))
        recommendation = RecommendationFactory(
            session=session, text="Answer rumours about the port within one working day."
        )
        recommendation.made_by.add(AppearanceFactory(session=session))
    update_groups()

    tree = page(client)

    assert "Answer rumours about the port" in words(section(tree, "advised"))
    assert "In 3 sessions, 2019–2021" in words(section(tree, "recurring"))


def test_topics_follow_their_parent(client):
    security = TopicFactory(name="Security")
    below = TopicFactory(name="Cyber", parent=security)
    SessionFactory().topics.add(below)
    SessionFactory().topics.add(TopicFactory(name="Trade"))

    items = section(page(client), "by-topic").xpath(".//li")

    assert [words(item) for item in items] == ["Security 1 Cyber", "Trade 1"]


@pytest.mark.parametrize("count", [1, 3])
def test_query_count(client, count, django_assert_num_queries):
    for number in range(count):
        for day in (date(2019 + number, 4, 1), timezone.localdate() + timedelta(days=1 + number)):
            session = SessionFactory(held_on=day)
            session.topics.add(TopicFactory())
            session.regions.add(RegionFactory())
            recommendation = RecommendationFactory(
                session=session, text="Answer rumours about the port within one working day."
            )
            recommendation.made_by.add(AppearanceFactory(session=session))
    update_groups()
    client.get("/")  # updates the index
    client.cookies["messages"] = "x"  # responses for such visitors are not cached

    with django_assert_num_queries(24):
        client.get("/")
