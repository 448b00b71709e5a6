"""The page of a session: its content, its order, its queries."""

from datetime import date

import pytest
from django.urls import reverse

from recordings_app.models import Recording
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    RecommendationFactory,
    RecordingFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def page_of(client, session):
    return client.get(session.get_absolute_url()).content.decode()


def test_parts_of_the_page_are_in_order(client):
    series = SeriesFactory(name="Open seas")
    session = SessionFactory(title="Who pays?", series=series, summary="<p>They argued.</p>")
    SessionFactory(title="Before", series=series, held_on=date(2024, 1, 5))
    SessionFactory(title="Not public", series=series, held_on=date(2024, 3, 1), status="draft")
    session.topics.add(TopicFactory(name="Insurance"))
    session.regions.add(RegionFactory(name="Baltic"))
    AppearanceFactory(session=session, role_title="Harbour master")
    RecommendationFactory(session=session, text="share the charts.")
    RecordingFactory(
        session=session, with_audio=True, access=Recording.Access.OPEN, duration_seconds=97
    )
    DocumentFactory(session=session, title="The paper")

    page = page_of(client, session)
    page = page[page.index("<article") :]
    in_order = [
        "<h1>Who pays?</h1>",
        ">Series</dt>",
        ">Topics</dt>",
        "Insurance",
        ">Regions</dt>",
        "Baltic",
        ">Language</dt>",
        "English",
        ">Listen</a>",
        "1\u00a0min\u00a037\u00a0s",
        "They argued.",
        "Share the charts.",
        "Harbour master",
        "The paper",
        'id="cite"',
        "<i>Who pays?</i>",
        "Previous session",
        "Before",
        'id="comments"',
        "last changed on",
    ]
    assert [words for words in in_order if words not in page] == []
    places = [page.index(words) for words in in_order]
    assert places == sorted(places)
    assert "Not public" not in page
    assert "Next session" not in page
    assert "Add to calendar" not in page


def test_advice_has_a_link_citation_and_feed(client):
    advice = RecommendationFactory(session=SessionFactory(), text="keep watch")
    page = page_of(client, advice.session)
    for address in (
        f"#recommendation-{advice.number}",
        f"{advice.get_absolute_url()}#cite",
        f"{advice.get_absolute_url()}#follow",
    ):
        assert f'href="{address}"' in page


def test_arabic_content_is_marked_but_not_the_text_of_the_page(client):
    session = SessionFactory(title="ماء", language="ar", summary="<p>قال</p>")
    RecommendationFactory(session=session, text="انشروا")
    page = page_of(client, session)
    assert '<h1 lang="ar" dir="rtl">' in page
    assert page.count(' lang="ar" dir="rtl"') == 3
    assert "Arabic" in page


@pytest.mark.parametrize("count", [1, 3])
def test_series_needs_one_query_whatever_its_length(client, count, django_assert_num_queries):
    series = SeriesFactory()
    session = SessionFactory(series=series)
    for number in range(count):
        SessionFactory(series=series, held_on=date(2024, 1, 1 + number))
        SessionFactory(series=series, held_on=date(2024, 5, 1 + number))
    client.get(reverse("sessions:list"))  # builds the index
    with django_assert_num_queries(13):
        client.get(session.get_absolute_url())
