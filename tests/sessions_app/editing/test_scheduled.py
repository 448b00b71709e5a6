"""Sessions that become public at their scheduled time."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from sessions_app.editing.scheduled import publish_due
from sma_archive.cache.archive_state import archive_state
from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db

LATER = timezone.now() + timedelta(hours=2)


def totals(client):
    """The total shown in the list, and the newest session on the front page, for visitors."""
    listed = client.get("/api/v1/sessions/").json()["count"]
    return listed, client.get("/").content.decode().count("Scheduled")


@pytest.mark.parametrize("was_public", [False, True])
def test_cached_response_expires_when_a_session_becomes_public(client, was_public):
    session = SessionFactory(title="Scheduled")
    if not was_public:
        session.first_public_at = None
    session.published_at = LATER
    session.save()
    assert totals(client) == totals(client) == (0, 0)
    assert not archive_state().is_overdue

    with patch.object(timezone, "now", lambda: LATER + timedelta(seconds=1)):
        assert archive_state().is_overdue
        assert client.get(session.get_absolute_url()).status_code == 200
        lagging = client.get("/api/v1/sessions/")
        assert lagging["X-Index-Lag"] == "1"
        assert lagging["Cache-Control"] == "no-store"

        assert publish_due() == 1
        assert publish_due() == 0

        assert not archive_state().is_overdue
        listed, on_front_page = totals(client)
        assert listed == 1
        assert on_front_page
        session.refresh_from_db()
        assert session.has_public_address


def test_scheduled_session_can_become_a_draft_without_a_time():
    session = SessionFactory(status="published", published_at=LATER, first_public_at=None)

    session.status, session.published_at = "draft", None
    session.save()

    session.refresh_from_db()
    assert (session.status, session.published_at, session.first_public_at) == ("draft", None, None)
