"""Lanes of the tick: urgent work continues, whatever else is running."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from site_app.mail.queue import send_queued
from site_app.models import FormAttempt, JobState, MailMessage
from sma_archive.background import tick
from sma_archive.background.jobs import (
    Job,
    Lane,
    LaneScheduler,
    acquire_job,
    jobs_due,
    release_jobs,
    run_jobs,
)
from tests.waiting import PATIENCE

URGENT, MAIL, LONG = Lane.URGENT, Lane.MAIL, Lane.LONG
HOUR = timedelta(hours=1)


def add(key):
    FormAttempt.objects.create(key=key, at=timezone.now())
    return 1


def wait_for(key):
    """Run rounds until another process has written `key`; fail if it never does."""
    end = time.monotonic() + PATIENCE
    while not FormAttempt.objects.filter(key=key).exists():
        if time.monotonic() > end:
            raise TimeoutError(key)
        time.sleep(0.05)
    return 1


def once(jobs):
    results = {}
    LaneScheduler(jobs).run_all_once(lambda name, result: results.update({name: result}))
    return results


@pytest.mark.django_db(transaction=True)
def test_urgent_jobs_run_while_mail_and_long_jobs_are_busy():
    jobs = {
        "urgent": Job(lambda: add(f"round {FormAttempt.objects.count()}"), lane=URGENT),
        "mail": Job(lambda: wait_for("round 1"), lane=MAIL),
        "long": Job(lambda: wait_for("round 2")),
    }

    results = once(jobs)

    assert {name: isinstance(result, int) for name, result in results.items()} == {
        "urgent": True,
        "mail": True,
        "long": True,
    }


@pytest.mark.django_db(transaction=True)
def test_dead_child_process_is_reported_and_releases_its_jobs():
    jobs = {
        "urgent": Job(lambda: 0, lane=URGENT),
        "mail": Job(lambda: 1, lane=MAIL),
        "long": Job(lambda: os.kill(os.getpid(), signal.SIGKILL)),
    }

    results = once(jobs)

    assert "ended with status -9" in str(results["long work"])
    assert results["mail"] == 1
    assert not JobState.objects.exclude(held_by="").exists()


@pytest.mark.django_db(transaction=True)
def test_running_tick_sends_the_mail_instead_of_the_worker(monkeypatch):
    jobs = {**tick.JOBS, "send mail": Job(lambda: add("sent"), lane=MAIL, wanted=lambda: True)}
    lanes = LaneScheduler(
        {name: jobs[name] for name in ("send mail", "publish scheduled sessions")}
    )
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda seconds: wait_for("sent") and stop.set())
    seen = []
    monkeypatch.setattr(lanes, "stop", lambda: seen.append(JobState.objects.get(name="send mail")))
    MailMessage.objects.create(kind="x", recipient="a@reader.example", message_id="<1>")

    lanes.run_until_stopped(stop)

    assert seen[0].is_held
    assert (send_queued.func(), MailMessage.objects.get().state) == (0, "queued")
    LaneScheduler.stop(lanes)
    send_queued.func()
    assert MailMessage.objects.get().state != "queued" or MailMessage.objects.get().attempts


@pytest.mark.django_db
def test_long_jobs_take_turns():
    left = {"first": 2, "second": 1}
    turns = []

    def work(name):
        turns.append(name)
        left[name] -= left[name] > 0
        return left[name]

    jobs = {
        name: Job(lambda name=name: work(name), goes_on=True)
        for name in ("first", "second", "third")
        if name in left
    }

    run_jobs(jobs, jobs, holder="test", seconds=PATIENCE)

    assert turns == ["first", "second", "first"]


@pytest.mark.django_db
def test_job_held_by_another_process_is_skipped():
    job = Job(lambda: 1)
    theirs, ours = (
        acquire_job("long", job, "another"),
        run_jobs({"long": job}, ["long"], holder="me"),
    )
    release_jobs("another")

    assert (theirs, ours) == (True, {})
    assert run_jobs({"long": job}, ["long"], holder="me") == {"long": 1}


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [-2, 600])
def test_job_held_by_a_dead_process_or_a_wrong_clock_is_released(minutes):
    job = Job(lambda: 1)
    acquire_job("long", job, "another")
    JobState.objects.update(held_until=timezone.now() + timedelta(minutes=minutes))

    assert run_jobs({"long": job}, ["long"], holder="me") == {"long": 1}


@pytest.mark.django_db
def test_jobs_are_due_after_their_interval_or_at_once_if_unfinished():
    jobs = {
        "hourly": Job(lambda: 1, every=3600),
        "more to do": Job(lambda: 1, every=3600, goes_on=True),
        "new": Job(lambda: 1),
    }
    run_jobs(jobs, ["hourly", "more to do"], holder="me")

    assert jobs_due(jobs, "me") == ["new", "more to do"]
    JobState.objects.filter(name="hourly").update(next_at=timezone.now() + 100 * HOUR)
    assert "hourly" in jobs_due(jobs, "me")  # no interval is so long: the clock was wrong


def fail():
    raise OSError("disk full")


@pytest.mark.django_db
def test_late_urgent_job_makes_the_site_unready(client, staff_client):
    tick.run_each_job_once()
    JobState.objects.filter(name__in=["send mail", "find contradictions"]).update(
        late_at=timezone.now() - HOUR
    )
    run_jobs({"send mail": Job(fail, lane=MAIL)}, ["send mail"], holder="me")

    answer = client.get("/readyz")
    page = staff_client("Publishers").get("/admin/desk/late-jobs/").content.decode()

    assert answer.status_code == 503
    assert "disk" not in answer.content.decode()
    assert answer.json()["notes"] == ["late: find contradictions"]
    assert "Send mail" in page and "OSError: disk full" in page


@pytest.mark.django_db
def test_finished_job_is_no_longer_late():
    tick.run_each_job_once()
    JobState.objects.update(late_at=timezone.now() - HOUR)

    tick.run_each_job_once()

    held_up = JobState.objects.filter(late_at__lt=timezone.now())
    assert list(held_up.values_list("name", flat=True)) == []
