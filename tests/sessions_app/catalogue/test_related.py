"""Related sessions and the reasons shown for them."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from sessions_app.catalogue.related import (
    SeriesNeighbours,
    neighbours_in_series,
    related_sessions,
    similar_recommendations,
)
from sessions_app.models import Recommendation, Session
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerFactory,
)

pytestmark = pytest.mark.django_db


def session_of(given_name, **fields):
    session = SessionFactory(**fields)
    AppearanceFactory(session=session, speaker=SpeakerFactory(given_name=given_name))
    return session


def reasons(session):
    return {each.session.slug: each.reason for each in related_sessions(session)}


def test_common_given_name_is_not_a_common_subject():
    here = session_of(
        "Thomasin", slug="here", title="One", summary="<p>Harbours and lighthouses.</p>"
    )
    session_of(
        "Thomasin", slug="there", title="Two", summary="<p>Lighthouses of old harbours.</p>"
    )
    session_of("Thomasin", slug="elsewhere", title="Three", summary="<p>Migration of storks.</p>")

    assert list(reasons(here)) == ["there"]
    assert set(reasons(here)["there"].removeprefix("similar subject: ").split(", ")) == {
        "harbours",
        "lighthouses",
    }


def test_common_speakers_come_first():
    here, there = SessionFactory(slug="here"), SessionFactory(slug="there")
    speaker = SpeakerFactory(given_name="Irma", family_name="Kallas")
    for session in (here, there):
        AppearanceFactory(session=session, speaker=speaker)

    assert reasons(here)["there"] == "also with Irma Kallas"


def test_common_report_words_and_titles_relate_no_sessions():
    here = session_of(
        "Ana",
        slug="here",
        title="Ports",
        summary="<p>LTC Roe began by stating a panel’s view.</p>",
    )
    session_of(
        "Bo", slug="there", title="Storks", summary="<p>The speaker, LTC Doe, began stating.</p>"
    )

    assert reasons(here) == {}


def test_single_common_word_relates_no_sessions():
    here = SessionFactory(
        slug="here",
        title="Ports",
        summary="<p>Dredgers, pilots, tugboats and quays wait for a façade.</p>",
    )
    SessionFactory(
        slug="there", title="Storks", summary="<p>Herons, reeds and nests behind a façade.</p>"
    )

    assert reasons(here) == {}


def test_few_sessions_with_different_subjects_are_not_related():
    samples = Path(__file__).parents[2] / "ingest_app" / "samples"
    call_command("import_pages", *sorted(samples.glob("*.txt")), publish=True, verbosity=0)

    for session in Session.objects.published():
        assert not [each for each in reasons(session).values() if "shared words" in each]
    for advice in Recommendation.objects.published():
        assert similar_recommendations(advice) == []


def test_advice_is_similar_by_content_not_by_a_single_word():
    texts = [
        "answer rumours within a day",
        "test what a model explains, not only what it answers",
        "test models on what they explain",
    ]
    rumours, test, model = (RecommendationFactory(text=text) for text in texts)

    assert similar_recommendations(rumours) == []
    assert [each.recommendation for each in similar_recommendations(test)] == [model]
    assert [each.recommendation for each in similar_recommendations(model)] == [test]


def test_common_words_in_advice_are_shown_as_similar_advice():
    here, there = SessionFactory(slug="here"), SessionFactory(slug="there")
    RecommendationFactory(session=here, text="Train repair crews with their cables.")
    RecommendationFactory(session=there, text="Keep repair crews near the cables.")

    kind, words = reasons(here)["there"].split(": ")
    assert kind == "similar advice"
    assert set(words.split(", ")) == {"repair", "crews", "cables"}


def test_previous_and_next_in_a_series_are_ordered_by_date_and_slug(django_assert_num_queries):
    series = SeriesFactory()

    def session(slug, day, **fields):
        return SessionFactory(
            slug=slug, held_on=day and date(2024, 3, day), series=series, **fields
        )

    first, second, third = session("b", 1), session("c", 1), session("a", 9)
    session("withdrawn", 2, status="withdrawn")
    session("draft", 1, status="draft")
    undated, lone = session("undated", None), SessionFactory(held_on=date(2024, 3, 1))

    with django_assert_num_queries(3):
        found = [neighbours_in_series(session) for session in (first, second, third)]
    assert found == [
        SeriesNeighbours(None, second),
        SeriesNeighbours(first, third),
        SeriesNeighbours(second, None),
    ]
    with django_assert_num_queries(0):
        assert neighbours_in_series(undated) == neighbours_in_series(lone) == SeriesNeighbours()
