import re

import pytest
from django.urls import reverse

from recordings_app.models import STATUS_LINK_PURPOSE
from tests.factories import RecordingFactory


@pytest.fixture
def session():
    return RecordingFactory(session__title="Sea lanes", session__slug="sea-lanes").session


def answers(**changes):
    return {
        "session": ["sea-lanes"],
        "name": "Ada Reader",
        "email": "ada@reader.example",
        "organisation": "Reading Room",
        "purpose": "A study of ports",
        "agree": "on",
        "homepage": "",
        **changes,
    }


@pytest.fixture
def heard():
    """A recording that can be played once it is granted."""
    return RecordingFactory(session__title="Sea lanes", with_audio=True)


def rows_of(*requests) -> list[int]:
    """Return the keys of the rows of these requests, one for each recording."""
    return [row.pk for request in requests for row in request.requested_recordings.all()]


def link(text, part):
    return re.search(rf"/requests/{part}\S+", text)[0]


def status_page(client, request):
    return client.get(reverse("recordings:status", args=[request.token(STATUS_LINK_PURPOSE)]))
