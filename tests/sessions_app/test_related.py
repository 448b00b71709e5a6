"""Related sessions and why."""

import pytest

from sessions_app.related import related_sessions
from tests.factories import AppearanceFactory, SessionFactory, SpeakerFactory

pytestmark = pytest.mark.django_db


def session_of(given_name, **fields):
    session = SessionFactory(**fields)
    AppearanceFactory(session=session, speaker=SpeakerFactory(given_name=given_name))
    return session


def reasons(session):
    return {each.session.slug: each.reason for each in related_sessions(session)}


def test_a_given_name_in_common_is_no_subject_in_common():
    here = session_of(
        "Thomasin", slug="here", title="One", summary="<p>Harbours and lighthouses.</p>"
    )
    session_of("Thomasin", slug="there", title="Two", summary="<p>Lighthouses at night.</p>")
    session_of("Thomasin", slug="elsewhere", title="Three", summary="<p>Migration of storks.</p>")

    assert reasons(here) == {"there": "shared words: lighthouses"}


def test_speakers_in_common_come_first():
    here, there = SessionFactory(slug="here"), SessionFactory(slug="there")
    speaker = SpeakerFactory(given_name="Irma", family_name="Kallas")
    for session in (here, there):
        AppearanceFactory(session=session, speaker=speaker)

    assert reasons(here)["there"] == "also with Irma Kallas"
