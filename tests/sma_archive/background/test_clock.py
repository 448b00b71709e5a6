"""A temporarily wrong clock does not send, delete or show anything that it should not."""

import re
import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import models
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from alerts_app.models import Alert
from ingest_app.models import ImportRun, IncomingPage
from recordings_app.models import AccessLog, Grant, RecordingUpload, RequestedRecording
from search_app import change_log
from search_app.models import SearchCount
from sessions_app.models import Session
from site_app.forms import kept_uploads
from site_app.models import ClockReading, FormAttempt, MailMessage, OldAddress
from site_app.spreadsheets import preview_storage
from sma_archive.background import clock, future_times, tasks, tick
from tests.factories import (
    CommentFactory,
    GrantFactory,
    RecordingFactory,
    RecordingRequestFactory,
    SessionFactory,
    TranscriptFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REAL_NOW = timezone.now
DAYS = timedelta(days=1)


@pytest.fixture
def at(monkeypatch):
    """Return a function: set the clock ahead (or back) by days and seconds; `up` seconds
    pass according to the machine's uptime.
    """
    state = {"ahead": timedelta(), "up": 1000.0}
    monkeypatch.setattr(timezone, "now", lambda: REAL_NOW() + state["ahead"])
    monkeypatch.setattr(clock, "uptime", lambda: state["up"])

    def set_clock(days=0, seconds=0, up=0.0):
        state["ahead"] = timedelta(days=days, seconds=seconds)
        state["up"] += up
        return timezone.now()

    return set_clock


def test_clock_that_jumps_is_doubtful_until_it_is_back(at):
    readings = [clock.read_clock_state()]
    at(days=5)
    readings += [clock.read_clock_state(), clock.read_clock_state()]
    at(seconds=5)
    readings += [clock.read_clock_state()]

    assert [each.is_doubtful for each in readings] == [False, True, True, False]
    assert (readings[3].went_back, readings[3].is_behind) == (True, False)


def test_clock_that_runs_evenly_is_trusted_after_ten_minutes(at):
    """As on a machine that was switched off for a week."""
    clock.read_clock_state()
    at(days=7)
    clock.read_clock_state()
    at(days=7, seconds=300, up=300)
    early = clock.read_clock_state()
    at(days=7, seconds=601, up=301)

    assert (early.is_doubtful, clock.read_clock_state().is_doubtful) == (True, False)


def test_time_passed_only_on_the_wrong_clock_creates_no_trust(at):
    clock.read_clock_state()
    at(days=5)
    clock.read_clock_state()
    at(days=5, seconds=3600, up=10)
    clock.read_clock_state()
    at(days=400)

    assert clock.read_clock_state().is_doubtful


def test_clock_set_back_is_trusted_again_and_known_to_be_behind(at):
    clock.read_clock_state()
    at(days=-30)
    first = clock.read_clock_state()
    at(days=-30, seconds=700, up=700)
    later = clock.read_clock_state()

    assert (first.is_doubtful, later.is_doubtful, later.is_behind) == (True, False, True)


def test_deletion_requires_two_readings_a_day_apart(at):
    start = clock.read_clock_state().now
    times = [
        at(seconds=hours * 3600) and clock.read_clock_state().deletion_time
        for hours in (1, 23, 24.1, 25)
    ]

    assert times[:2] == [None, None]
    assert [abs(each - start) < timedelta(seconds=5) for each in times[2:]] == [True, True]


def test_machine_with_a_new_name_continues_from_the_last_reading(at, monkeypatch):
    clock.read_clock_state()
    monkeypatch.setattr(clock, "machine_name", lambda: "another")
    same = clock.read_clock_state()
    monkeypatch.setattr(clock, "machine_name", lambda: "a third")
    at(days=5)

    assert (same.is_doubtful, clock.read_clock_state().is_doubtful) == (False, True)
    assert ClockReading.objects.count() == 3


def test_command_can_confirm_a_clock(at):
    clock.read_clock_state()
    at(days=5)
    clock.read_clock_state()

    call_command("tick", "--clock-is-right")

    assert not clock.doubtful_readings().exists()


def test_staff_can_confirm_a_clock(at, staff_client):
    clock.read_clock_state()
    at(days=5)
    clock.read_clock_state()
    client = staff_client("Publishers")

    page = client.get("/admin/desk/clocks/")
    client.post("/admin/desk/clocks/", {"fix": "right", "line": ClockReading.objects.get().pk})

    assert "Is the time right" in page.content.decode()
    assert not clock.read_clock_state().is_doubtful


def test_doubtful_clock_is_reported_by_readyz_and_the_log(at, client, caplog):
    tick.run_each_job_once()
    at(days=5)
    tick.run_each_job_once()

    answer = client.get("/readyz").json()

    assert answer["notes"] == [
        "the clock was set by more than a day; nothing final is done for now"
    ]
    assert "has jumped" in caplog.text


def fill(storage):
    """Create records for each job: too recent to be deleted, or waiting for a time."""
    now = timezone.now()
    sealed = SessionFactory(title="Sealed talk")
    recording = RecordingFactory(
        session=sealed, has_audio=True, access="open", sealed_until=(now + 3 * DAYS).date()
    )
    TranscriptFactory(recording=recording, cues=[(0, 1500, "Ada", "Leakword was said.")])
    waiting = RecordingRequestFactory(recordings=[recording], email="waits@reader.example")
    RequestedRecording.objects.filter(request=waiting).update(
        decision="approved", decided_at=now, granted_days=7, granted_plays=3
    )
    SessionFactory(title="Scheduled talk", published_at=now + 4 * DAYS)
    SessionFactory(title="Public talk")
    RecordingRequestFactory(status="unconfirmed", confirmed_at=None, email="new@reader.example")
    AccessLog.objects.create(recording=recording, what="staff", user_name="Ada Abara", at=now)
    ended = RecordingRequestFactory(status="decided", email="ended@reader.example")
    ended.requested_recordings.update(decision="declined", decided_at=now)
    RecordingRequestFactory(email="open@reader.example", confirmed_at=now)
    MailMessage.objects.create(
        kind="x", recipient="a@reader.example", message_id="<1>", state="sent", created_at=now
    )
    MailMessage.objects.create(
        kind="x", recipient="a@reader.example", message_id="<2>", state="sending", taken_at=now
    )
    for status, email in (("unconfirmed", "alert@reader.example"), ("stopped", "")):
        Alert.objects.create(
            email=email, kind="sessions", status=status, stopped_at=now if not email else None
        )
    Alert.objects.create(
        email="active@reader.example", kind="sessions", status="active", confirmed_at=now
    )
    CommentFactory(status="rejected", decided_at=now)
    FormAttempt.objects.create(key="k", at=now)
    SearchCount.objects.create(digest="a", text="rivers", last_on=now.date())
    OldAddress.objects.create(path="/2019/lost/", origin="asked", last_asked_on=now.date())
    BrowserSession.objects.create(
        session_key="k", session_data="", expire_date=now + timedelta(hours=4)
    )
    name = storage.save("imports/one.xml", ContentFile(b"<rss/>"))
    ImportRun.objects.create(kind="wordpress", source_name="x", file=name, finished_at=now)
    ImportRun.objects.create(
        kind="talks", source_name="x", state="running", started_at=now, taken_at=now
    )
    storage.save(f"{preview_storage.PREVIEW_FOLDER}/preview", ContentFile(b"a"))
    storage.save(f"{kept_uploads.KEPT_UPLOADS_FOLDER}/upload", ContentFile(b"a"))
    RecordingUpload.objects.create(recording=recording, name="x", byte_count=10)
    IncomingPage.objects.create(
        owner=UserFactory(), batch=uuid.uuid4(), title="page", name="x.html", source="x"
    )
    tasks.enqueue_heartbeat()
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=now)


IGNORED = {  # records of the tick itself, and what any change updates
    "site_app.JobState",
    "site_app.ClockReading",
    "search_app.Change",
    "desk_app.CheckRun",
    "desk_app.CheckedRecord",
    "sessions_app.RecurrenceRun",
    "django_tasks_database.DBTaskResult",
    "search_app.SearchCount",  # the searches of the test itself
    "preservation_app.FileCheck",  # progress of the file check, which continues at the right time
}


# A round at the right time updates them.
MOVING = {
    "updated_at",
    "entry_changed_at",
    "calendar_changed_at",
    "looked_at",
    "seen_change",
}


def tables():
    return {
        model._meta.label: sorted(
            (
                {name: value for name, value in row.items() if name not in MOVING}
                for row in model._base_manager.values()
            ),
            key=str,
        )
        for model in apps.get_models()
        if model._meta.label not in IGNORED
    }


def answers(client):
    cache.clear()
    addresses = (
        "/sessions/",
        "/sessions/?q=leakword",
        "/sessions/?q=talk",
        "/sessions/?has=recording",
        "/sessions/?has=transcript",
        "/sessions/?has=documents",
        "/api/v1/sessions/",
        "/",
        "/sitemap.xml",
    )
    found = {}
    for address in addresses:
        page = client.get(address).content.decode()
        text = re.sub(r"<[^>]*>", "", page).lower()  # highlighted words contain markup
        found[address] = [words in text for words in ("leakword was", "scheduled talk")]
        found[address].append(page.count("data-session="))
    return found


@pytest.mark.parametrize("days", [5, 400])
def test_no_job_harms_anything_while_the_clock_is_wrong(at, client, days, mailoutbox):
    fill(storages["private"])
    tick.run_each_job_once()
    before, answered = tables(), answers(client)

    at(days=days)
    for _ in range(2):
        failed = {
            name for name, each in tick.run_each_job_once().items() if isinstance(each, Exception)
        }
        answers(client)  # as readers do in the meantime
    at(seconds=10)
    tick.run_each_job_once()

    assert failed == set()
    left = tables()
    assert {label for label in left if left[label] != before[label]} == set()
    assert answers(client) == answered
    assert mailoutbox == []
    assert SearchCount.objects.filter(text="rivers").exists()


def test_deleting_jobs_work_with_readings_a_day_apart(at):
    fill(storages["private"])
    change_log.record_changes("session", range(change_log.RETENTION_ROWS + 1))
    tick.run_each_job_once()
    before = tables()

    at(days=400)
    clock.read_clock_state(confirmed=True)
    tick.run_each_job_once()
    once = tables()
    at(days=400, seconds=23 * 3600)
    clock.read_clock_state()
    at(days=401, seconds=3600)
    done = tick.run_each_job_once()

    deleting = {name for name, job in tick.JOBS.items() if job.deletes_by_age}
    assert {name for name in deleting if not done[name]} == set()
    for kept in ("site_app.FormAttempt", "sessions_app.Comment", "alerts_app.Alert"):
        assert len(once[kept]) >= len(before[kept])


def test_times_written_by_a_wrong_clock_are_corrected(at):
    """Times written while the clock was five days ahead; one field represents all of its kind."""
    fill(storages["private"])
    grant = GrantFactory()
    ahead = timezone.now() + 5 * DAYS
    for model, name, is_date in future_times.past_fields():
        rows = model._base_manager.exclude(**{name: None})
        rows.update(**{name: ahead.date() if is_date else ahead})
    Grant.objects.filter(pk=grant.pk).update(expires_at=ahead + 7 * DAYS)
    MailMessage.objects.filter(message_id="<2>").update(
        state="queued", next_attempt_at=ahead + DAYS
    )

    tick.run_each_job_once(["correct times that lie ahead"])

    limit = timezone.now() + future_times.MAX_CLOCK_DIFFERENCE
    left = [
        (model._meta.label, name)
        for model, name, is_date in future_times.past_fields()
        if model._base_manager.filter(
            **{f"{name}__gt": limit.date() if is_date else limit}
        ).exists()
    ]
    grant.refresh_from_db()
    assert left == []
    assert abs(grant.expires_at - timezone.now() - 7 * DAYS) < timedelta(minutes=1)
    assert MailMessage.objects.get(message_id="<2>").next_attempt_at <= limit


def test_times_are_not_changed_while_the_clock_is_behind(at):
    tick.run_each_job_once()
    session = SessionFactory(updated_at=timezone.now())
    before = Session.objects.values_list("updated_at", "created_at").get(pk=session.pk)

    for seconds in (0, 700):
        at(days=-300, seconds=seconds, up=seconds)
        tick.run_each_job_once(["correct times that lie ahead"])

    assert Session.objects.values_list("updated_at", "created_at").get(pk=session.pk) == before


def test_every_time_field_is_classified_as_past_or_possibly_future():
    """A field listed here needs a reason next to it; all others are corrected automatically."""
    named = {
        f"{label}.{name}"
        for label, names in future_times.FIELDS_THAT_MAY_LIE_AHEAD.items()
        for name in names
    }
    fields = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.DateField)
    }
    own = {each for each in fields if each.split(".")[0] in settings.OWN_APPS}
    past = {f"{m._meta.label}.{name}" for m, name, _ in future_times.past_fields()}

    assert own - past == named
    assert {each.split(".")[0] for each in fields} - set(settings.OWN_APPS) == {
        "admin",
        "auth",
        "sessions",
        "django_tasks_database",
        "reversion",
    }


def test_search_hides_records_read_with_a_wrong_clock(at, client):
    """The clock is right again, but no tick has run: results are checked once more."""
    fill(storages["private"])
    tick.run_each_job_once()
    answered = answers(client)
    at(days=5)
    tick.run_each_job_once()
    while_wrong = answers(client)

    at(seconds=10)

    right = answers(client)
    assert while_wrong["/sessions/?q=leakword"] == [True, False, 1]
    assert while_wrong["/sessions/?q=talk"][1:] == [True, 3]
    for address, (quotes, names, number) in right.items():
        assert (quotes, names) == (False, False), address
        assert number <= answered[address][2], address
    assert right["/sessions/?q=leakword"] == right["/sessions/?has=transcript"]
