from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from search_app import api
from sma_archive.background import tasks
from sma_archive.server import health

pytestmark = pytest.mark.django_db

ALL_WELL = {"database": "ok", "index": "ok", "storage": "ok", "queue": "ok"}


def work_off():
    """Mark every waiting task as done now, as the worker would."""
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=timezone.now())


@pytest.fixture
def all_well():
    api.apply_pending_changes()
    tasks.enqueue_heartbeat()
    work_off()


def test_healthz_does_not_query_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_readyz_without_problems(client, all_well):
    response = client.get("/readyz")

    assert response.json() == {"ready": True, "checks": ALL_WELL, "notes": []}
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_readyz_without_index(client, all_well, monkeypatch):
    monkeypatch.setattr("sma_archive.server.health.index_status", lambda: {"ready": False})

    response = client.get("/readyz")

    expected = ALL_WELL | {"index": "the search index is being built"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)


def test_readyz_without_database_reveals_only_the_kind_of_error(client, all_well, monkeypatch):
    def fail():
        raise ConnectionError("secret-host:5432 refused")

    monkeypatch.setitem(health.CHECKS, "database", fail)

    response = client.get("/readyz")

    expected = ALL_WELL | {"database": "ConnectionError"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)


def test_readyz_with_waiting_migrations(client, all_well, monkeypatch):
    monkeypatch.setattr("sma_archive.server.health.has_pending_migrations", lambda: True)

    response = client.get("/readyz")

    expected = ALL_WELL | {"database": "migrations have not been applied"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)


def test_readyz_with_read_only_storage(client, all_well, settings, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    settings.MEDIA_ROOT = in_the_way / "media"

    response = client.get("/readyz")

    expected = ALL_WELL | {"storage": "NotADirectoryError"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)


def test_readyz_on_a_full_disk(client, all_well, monkeypatch):
    monkeypatch.setattr(health, "MIN_FREE_BYTES", 2**80)

    response = client.get("/readyz")

    expected = ALL_WELL | {"storage": "the disk is nearly full"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)


def test_readyz_without_tick(client):
    api.apply_pending_changes()

    response = client.get("/readyz")

    expected = ALL_WELL | {"queue": "no sign of the tick"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)


def test_readyz_without_worker(client):
    api.apply_pending_changes()
    tasks.enqueue_heartbeat()

    response = client.get("/readyz")

    expected = ALL_WELL | {"queue": "no sign of the worker"}
    assert (response.status_code, response.json()["checks"]) == (503, expected)


def test_readyz_after_the_worker_died(client, all_well):
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(minutes=4))
    tasks.enqueue_heartbeat()

    assert client.get("/readyz").json()["checks"]["queue"] == "no sign of the worker"


def test_readyz_does_not_write(client, all_well, django_assert_num_queries):
    before = DBTaskResult.objects.count()

    client.head("/readyz")

    assert DBTaskResult.objects.count() == before
    assert client.post("/readyz").status_code == 405
