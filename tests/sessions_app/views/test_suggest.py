"""Autocomplete: grouped, by number of sessions, usable by keyboard and without a mouse."""

import pytest

from search_app import api
from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    SessionFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def groups(client, typed):
    return {
        group["kind"]: [item["label"] for item in group["items"]]
        for group in client.get("/suggest/", {"q": typed}).json()["groups"]
    }


def test_suggestions_are_ordered_by_current_session_counts(client):
    for name, count in (("Water and ice", 1), ("Water", 3), ("A water tower", 2)):
        topic = TopicFactory(name=name)
        for _ in range(count):
            SessionFactory(title="Of something else").topics.add(topic)

    assert groups(client, "wat") == {"topic": ["Water", "A water tower", "Water and ice"]}


def test_suggestions_are_the_names_with_most_sessions(client):
    topics = [TopicFactory(name=f"Water {number:02}") for number in range(30)]
    for topic in topics:
        SessionFactory(title="Of something else").topics.add(topic)
    SessionFactory(title="Of something else").topics.add(topics[-1])
    api.rebuild_index("topic")

    (group,) = client.get("/suggest/?q=water").json()["groups"]

    assert len(group["items"]) == 4
    assert (group["items"][0]["label"], group["items"][0]["session_count"]) == ("Water 29", 2)


def test_other_names_are_suggested_but_not_names_in_drafts(client):
    topic = TopicFactory(name="Artificial intelligence")
    TopicAliasFactory(topic=topic, name="Thinking machines")
    SessionFactory(title="Of something else").topics.add(topic)
    SessionFactory(title="Thinking aloud", status="draft")
    draft = SessionFactory(title="Unseen", status="draft")
    AppearanceFactory(session=draft, speaker=SpeakerFactory(family_name="Thinker"))
    AppearanceFactory(session=draft, organisation=OrganisationFactory(name="Thinktank"))

    assert groups(client, "thin") == {"topic": ["Artificial intelligence"]}


@pytest.mark.parametrize("count", [1, 3])
def test_query_count(client, count, django_assert_num_queries):
    for number in range(count):
        appearance = AppearanceFactory(
            speaker=SpeakerFactory(family_name=f"Watt {number}"),
            organisation=OrganisationFactory(name=f"Water desk {number}"),
            session=SessionFactory(title=f"Waters {number}"),
        )
        appearance.session.topics.add(TopicFactory(name=f"Water {number}"))
    client.get("/suggest/?q=wat")  # updates the index
    client.cookies["messages"] = "x"  # responses for such visitors are not cached

    with django_assert_num_queries(21):
        client.get("/suggest/?q=wat")


@pytest.mark.browser
def test_suggestions_are_chosen_by_keyboard(browser_page):
    topic = TopicFactory(name="Water", slug="water")
    SessionFactory(title="Waters of the north", slug="waters").topics.add(topic)
    browser_page.goto("/sessions/")
    browser_page.goto("/")
    box = browser_page.get_by_role("combobox")

    box.fill("wat")  # in one step: the response to half of it would arrive in between
    options = browser_page.get_by_role("option")
    options.first.wait_for()

    assert box.get_attribute("aria-expanded") == "true"
    assert browser_page.get_by_role("group", name="Topics").get_by_role("option").count() == 1
    assert options.all_inner_texts() == ["Water\n1", "Waters of the north"]
    box.press("ArrowUp")  # from the box to the last suggestion
    assert box.get_attribute("aria-activedescendant") == options.last.get_attribute("id")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "wat"
    box.press("e")
    browser_page.get_by_role("option").first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    browser_page.wait_for_url("**/topics/water/")
