"""The thread of a web process that updates its indexes from the database."""

import threading

import pytest
from django.db import DatabaseError

from search_app import api
from search_app.updating import background_thread
from tests.waiting import PATIENCE


@pytest.mark.parametrize("error", [DatabaseError("gone"), OSError("full")])
def test_thread_survives_an_error_and_stops_on_request(monkeypatch, error):
    looks, looked_again, stop = [], threading.Event(), threading.Event()

    def fail_once():
        looks.append(1)
        if len(looks) == 1:
            raise error
        looked_again.set()

    monkeypatch.setattr(api, "update_open_indexes", fail_once)
    monkeypatch.setattr(background_thread, "UPDATE_INTERVAL_SECONDS", 0.001)

    thread = background_thread.start_index_updates(stop)
    assert looked_again.wait(PATIENCE)
    stop.set()
    thread.join(PATIENCE)

    assert not thread.is_alive()
