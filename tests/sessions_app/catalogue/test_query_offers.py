"""A name or a year as the search text, and the links that the list offers for it."""

from datetime import date

import pytest
from lxml import html

from tests.factories import (
    AppearanceFactory,
    OrganisationFactory,
    SessionFactory,
    SpeakerFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def page(client, query):
    return html.fromstring(client.get(f"/sessions/?{query}").content.decode())


def card(client, query):
    found = page(client, query).xpath("//*[@class='entry-card']")
    return [" ".join(entry.text_content().split()) for entry in found]


@pytest.fixture
def novak():
    speaker = SpeakerFactory(given_name="Ikram", family_name="Novak", honorific="Prof.")
    for year, name in ((2019, "Harbour Institute"), (2022, "Coastal School")):
        AppearanceFactory(
            session__title=f"Talk of {year}",
            session__held_on=date(year, 5, 1),
            speaker=speaker,
            organisation=OrganisationFactory(
                name=name, abbreviation="".join(word[0] for word in name.split())
            ),
        )
    AppearanceFactory(speaker=SpeakerFactory(given_name="Ikram", family_name="Other"))
    return speaker


@pytest.mark.parametrize(
    "text", ["Ikram+Novak", "prof.+ikram+novak", "Novak,+Ikram", '"Ikram+Novak"']
)
def test_name_of_a_speaker_shows_the_speaker(client, novak, text):
    (found,) = card(client, f"q={text}")

    assert "Prof. Ikram Novak" in found
    assert "Coastal School" in found
    assert "2 sessions" in found


@pytest.mark.parametrize("text", ["Harbour+Institute", "hi"])
def test_name_or_acronym_of_an_organisation_shows_it(client, novak, text):
    (found,) = card(client, f"q={text}")

    assert "Harbour Institute" in found
    assert "1 session" in found


@pytest.mark.parametrize(
    "text", ["", "Novak", "Ikram", "Ikram+Novak+talk", "speaker:Novak", "Nobody"]
)
def test_other_words_show_no_authority_record(client, novak, text):
    assert card(client, f"q={text}") == []


def test_speaker_only_in_drafts_is_not_shown(client):
    AppearanceFactory(
        session__status="draft", speaker=SpeakerFactory(given_name="Un", family_name="Seen")
    )

    assert card(client, "q=Un+Seen") == []


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("q=rumours+in+2019", "/sessions/?q=rumours&year=2019"),
        ("q=2019+rumours", "/sessions/?q=rumours&year=2019"),
        ("q=2019", "/sessions/?year=2019"),
        ("q=rumours+2019+2020", None),
        ("q=title:2019", None),
        ("q=1000+ships", None),
        ("q=2019&year=2018", None),
        ("q=2019&date_after=2018", None),
    ],
)
def test_year_in_the_query_is_offered_as_a_date_filter(client, query, offered):
    SessionFactory(title="Rumours", held_on=date(2019, 5, 1))

    links = page(client, query).xpath("//a[contains(., 'by the date')]/@href")

    assert links == ([offered] if offered else [])


def test_years_between_the_dates_are_highlighted(client):
    for year in (2018, 2019, 2020, 2021):
        SessionFactory(held_on=date(year, 5, 1))

    marked = page(client, "date_after=2019&date_before=2020-05").xpath(
        "//*[@data-facet='year'][@class='selected']/@data-value"
    )

    assert marked == ["2019", "2020"]


def test_selected_values_come_first(client):
    for number in range(1, 4):
        topic = TopicFactory(name=f"Topic {number}", slug=f"topic-{number}")
        for _ in range(4 - number):
            SessionFactory().topics.add(topic)

    values = page(client, "topic=topic-3").xpath("//*[@data-facet='topic']/@data-value")

    assert values == ["topic-3", "topic-1", "topic-2"]
