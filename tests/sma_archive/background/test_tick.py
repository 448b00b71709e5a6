from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from search_app import api
from sessions_app.models import Session
from sma_archive.background import tick
from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def fail():
    raise OSError("disk full")


def break_job(monkeypatch, name):
    monkeypatch.setitem(tick.JOBS, name, replace(tick.JOBS[name], work=fail))


def scheduled(minutes):
    """Create a session that was scheduled when it was saved, for `minutes` from now."""
    session = SessionFactory(published_at=timezone.now() + timedelta(days=1))
    api.apply_pending_changes()  # in the index the session is not public yet
    at = timezone.now() + timedelta(minutes=minutes)
    Session.objects.update(published_at=at)
    return session, at


def test_tick_publishes_scheduled_sessions(client):
    session, at = scheduled(minutes=-1)
    before = client.get("/sessions/").content.decode()

    done = tick.run_each_job_once()

    session.refresh_from_db()
    assert done["publish scheduled sessions"] == 1
    assert session.first_public_at == at
    assert "data-session=" not in before
    assert f'data-session="{session.slug}"' in client.get("/sessions/").content.decode()


def test_second_tick_publishes_nothing():
    scheduled(minutes=-1)
    tick.run_each_job_once()

    assert tick.run_each_job_once()["publish scheduled sessions"] == 0


def test_tick_does_not_publish_future_sessions():
    session, _at = scheduled(minutes=5)

    assert tick.run_each_job_once()["publish scheduled sessions"] == 0
    session.refresh_from_db()
    assert session.first_public_at is None


def test_tick_continues_after_a_failure(monkeypatch, caplog):
    scheduled(minutes=-1)
    break_job(monkeypatch, "ask the worker for a sign of life")

    done = tick.run_each_job_once()

    assert isinstance(done["ask the worker for a sign of life"], OSError)
    assert done["publish scheduled sessions"] == 1
    assert "disk full" in caplog.text


def test_tick_command_fails_when_a_job_failed(monkeypatch):
    break_job(monkeypatch, "send mail")

    with pytest.raises(CommandError, match="send mail"):
        call_command("tick")


def test_tick_command_reports_its_work(capsys):
    scheduled(minutes=-1)

    call_command("tick")

    assert "publish scheduled sessions: 1\n" in capsys.readouterr().out
