"""What the cards of sessions and recommendations say."""

import pytest
from lxml import html

from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def test_card_shows_the_beginning_of_the_summary_or_the_match(client):
    SessionFactory(summary=f"<p>Ports &amp; tides. {'More of it. ' * 40}The last zebra.</p>")

    assert "Ports &amp; tides. More of it." in client.get("/sessions/").text
    found = client.get("/sessions/?q=zebra").text
    assert "<mark>zebra</mark>" in found
    assert "Ports &amp; tides" not in found


def test_card_shows_the_beginning_of_the_summary_if_only_a_name_matched(client):
    session = SessionFactory(summary="<p>Ports and tides.</p>")
    AppearanceFactory(session=session, speaker=SpeakerFactory(family_name="Kallas"))

    found = client.get("/sessions/?q=kallas").text

    assert "<mark>Kallas</mark>" in found
    assert "Ports and tides." in found


@pytest.mark.parametrize("name", ["Kelp", "Plants"])
def test_card_highlights_the_matching_topic_and_keeps_the_summary(client, name):
    session = SessionFactory(summary="<p>Ports and tides.</p>")
    plants = TopicFactory(name="Plants")
    session.topics.add(TopicFactory(name="Kelp", parent=plants), TopicFactory(name="Tides & wind"))

    (card,) = html.fromstring(client.get("/sessions/", {"q": name}).text).xpath("//article")

    (line,) = card.find_class("filed")
    names = line.text_content().strip().split(" · ")
    assert sorted(names) == sorted({"Kelp", "Tides & wind", name})
    assert line.xpath(".//mark/text()") == [name]
    assert [text.text_content() for text in card.find_class("excerpt")] == ["Ports and tides."]


def test_acronym_on_a_card_has_its_full_name(client):
    advice = RecommendationFactory()
    for name, acronym in (("Straits Compact <Secretariat>", "SCS"), ("Marrow Street", "")):
        organisation = OrganisationFactory(name=name, abbreviation=acronym)
        maker = AppearanceFactory(session=advice.session, organisation=organisation)
        advice.made_by.add(maker)

    (card,) = html.fromstring(client.get("/recommendations/").text).xpath("//article")

    assert [(abbr.text, abbr.get("title")) for abbr in card.xpath("p[1]//abbr")] == [
        ("SCS", "Straits Compact <Secretariat>")
    ]
    assert "(Marrow Street)" in " ".join(card.text_content().split())
