"""The demonstration as a live site, seeded once per module: changes by its tests remain."""

import pytest
from django.core.management import call_command
from django.test import TransactionTestCase, override_settings
from pytest_django.live_server_helper import LiveServer

from tests.places import own_places

SESSIONS = 24  # the newest, and one of every kind


@pytest.fixture(scope="module", autouse=True)
def clean_places(tmp_path_factory):
    """Replaces the folders and index of each test by those of the one site."""
    with own_places(tmp_path_factory.mktemp("demonstration")):
        yield


@pytest.fixture(scope="module")
def site_url(clean_places, django_db_setup, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        override_settings(RATE_LIMITS="off"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: None)
        call_command("seed_demo", sessions=SESSIONS, verbosity=0)
        server = LiveServer("localhost")
        yield server.url
        server.stop()
        call_command("flush", interactive=False, verbosity=0)
