"""Editors add placeholders for recordings on the page of a session."""

import pytest

from recordings_app.models import Recording
from sessions_app.models import Session
from tests.sessions_app.admin_forms import post_new, rows

pytestmark = pytest.mark.django_db


def test_unchanged_new_row_adds_a_placeholder(staff_client):
    client = staff_client("Editors")

    post_new(client, title="Rivers", **rows("recordings", {"access": "on_request"}))

    assert list(Recording.objects.values_list("session__title", "access")) == [
        ("Rivers", "on_request")
    ]
    assert Session.objects.get().has_recording
