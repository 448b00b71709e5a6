import re

import pytest
from django.urls import reverse

from recordings_app.models import STATUS
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


def link(text, part):
    return re.search(rf"/requests/{part}\S+", text)[0]


def status_page(client, request):
    return client.get(reverse("recordings:status", args=[request.token(STATUS)]))
