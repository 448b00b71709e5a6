"""A locked database and a full disk: what readers and staff see."""

import errno
import sqlite3
import threading
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.test import Client

from recordings_app.models import AccessLog
from recordings_app.playback import access_log
from sessions_app.models import Session
from site_app.models import ContactMessage, MailMessage
from sma_archive.server.unavailable import outage_kind
from tests.factories import GrantFactory, RecordingFactory, SessionFactory
from tests.waiting import PATIENCE

CONTACT = {
    "name": "Ada",
    "email": "ada@reader.example",
    "message": "A <b>long</b> letter",
    "csrfmiddlewaretoken": "t0ken",
}


@pytest.fixture
def client(settings):
    """A client that returns the error page instead of raising the exception."""
    settings.RATE_LIMITS = "off"
    return Client(raise_request_exception=False)


@contextmanager
def locked_database(model):
    """Make another connection lock the database, or on PostgreSQL the table of `model`."""
    held, done = threading.Event(), threading.Event()

    def hold():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute(
                    f"BEGIN; LOCK TABLE {model._meta.db_table} IN ACCESS EXCLUSIVE MODE"
                )
            held.set()
            done.wait(PATIENCE)
            cursor.execute("ROLLBACK")
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(PATIENCE)
    with connection.cursor() as cursor:
        sqlite = connection.vendor == "sqlite"
        cursor.execute("PRAGMA busy_timeout = 50" if sqlite else "SET lock_timeout = 50")
    try:
        yield
    finally:
        done.set()
        thread.join()
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_form_sent_while_the_database_is_locked_is_not_lost(client):
    with locked_database(MailMessage):
        response = client.post("/contact/", CONTACT)

    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "busy or out of reach, so nothing was stored" in page
    assert 'name="message" value="A &lt;b&gt;long&lt;/b&gt; letter"' in page
    assert 'name="csrfmiddlewaretoken" value="t0ken"' in page
    assert page.count("t0ken") == 1
    assert ContactMessage.objects.count() == 0
    assert client.post("/contact/", CONTACT).status_code in (302, 303)


@pytest.mark.django_db(transaction=True)
def test_session_saved_while_the_database_is_locked_is_not_lost(client, staff_client):
    session = SessionFactory(title="Before")
    client.cookies = staff_client("Publishers").cookies
    address = f"/admin/sessions_app/session/{session.pk}/change/"

    with locked_database(Session):
        response = client.post(address, {"title": "After", "summary": "Typed for an hour"})

    assert response.status_code == 503
    assert "Typed for an hour" in response.content.decode()
    assert f'action="{address}"' in response.content.decode()
    assert Session.objects.get().title == "Before"


@pytest.mark.django_db(transaction=True)
def test_open_recordings_can_be_played_while_the_database_is_locked(client, monkeypatch):
    monkeypatch.setattr(access_log, "MAX_LOCK_WAIT_SECONDS", 0)
    RecordingFactory(has_audio=True, access="open", session__slug="sea-lanes")

    with locked_database(AccessLog):
        response = client.get("/sessions/sea-lanes/recordings/1/audio")
        audio = b"".join(response)

    assert response.status_code == 200
    assert len(audio) == int(response["Content-Length"])
    assert AccessLog.objects.count() == 0


@pytest.mark.django_db
def test_granted_audio_is_not_served_without_a_log_entry(monkeypatch):
    def fail(**values):
        raise OperationalError("database is locked")

    monkeypatch.setattr(AccessLog.objects, "create", fail)
    grant = GrantFactory()
    given = {"recording": grant.requested.recording, "what": "audio", "byte_count": 1}

    with pytest.raises(DatabaseError):
        access_log.log_access(**given, grant=grant)
    assert access_log.log_access(**given) is None


@pytest.mark.django_db
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_reported(client, monkeypatch, number):
    def fail(*args, **kwargs):
        raise OSError(number, "No space left on device")

    monkeypatch.setattr("site_app.views.ContactView.form_valid", fail)

    response = client.post("/contact/", CONTACT)

    assert response.status_code == 503
    assert "no room left on its disk, so nothing was stored" in response.content.decode()


@pytest.mark.django_db
def test_passwords_are_not_shown_in_the_form_again(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.contrib.auth.forms.AuthenticationForm.clean", fail)

    response = client.post("/admin/login/", {"username": "ada", "password": "secret words"})

    assert response.status_code == 503
    assert "secret words" not in response.content.decode()


def test_full_sqlite_database_is_distinguished_from_a_bug(tmp_path):
    database = sqlite3.connect(tmp_path / "full")
    database.execute("CREATE TABLE kept (text)")
    database.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("INSERT INTO kept VALUES (?)", ["x" * 100_000])
    with pytest.raises(sqlite3.OperationalError) as wrong:
        database.execute("SELECT * FROM missing")
    database.close()

    assert outage_kind(full.value) == "full"
    assert outage_kind(wrong.value) is None
    assert outage_kind(ValueError()) is None
    wrapped = OperationalError("no such table")
    wrapped.__cause__ = wrong.value
    assert outage_kind(wrapped) is None
    assert outage_kind(OperationalError("connection refused")) == "busy"
