"""Requests rejected because of load are logged once a minute, whatever rejects them."""

import logging

import pytest
from django.core.handlers.base import BaseHandler
from django.db import OperationalError
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from site_app.http import generated_files, refusals
from site_app.http.generated_files import limit_concurrent_files
from sma_archive.server import health


class Timer:
    """Replaces threading.Timer: runs when the test says that a minute has passed."""

    started: list = []

    def __init__(self, seconds, function, arguments):
        assert seconds == refusals.LOG_INTERVAL_SECONDS
        self.function, self.arguments = function, arguments

    def start(self):
        self.started.append(self)


@pytest.fixture(autouse=True)
def timers(monkeypatch):
    monkeypatch.setattr(refusals.threading, "Timer", Timer)
    monkeypatch.setattr(refusals, "_counts", {})
    monkeypatch.setattr(Timer, "started", [])
    return Timer.started


def a_minute_later(timers):
    running, timers[:] = list(timers), []
    for timer in running:
        timer.function(*timer.arguments)


def lines(caplog):
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_rejections_are_logged_once_a_minute_for_each_reason(caplog, timers):
    for _ in range(138):
        refusals.log_refusal(refusals.TOO_MANY_WAITING_REQUESTS)
    refusals.log_refusal(refusals.TOO_MANY_GENERATED_FILES)
    a_minute_later(timers)
    refusals.log_refusal(refusals.TOO_MANY_WAITING_REQUESTS)
    a_minute_later(timers)
    a_minute_later(timers)
    assert not timers  # no timer runs while nothing is rejected
    refusals.log_refusal(refusals.TOO_MANY_WAITING_REQUESTS)

    why = "because more requests waited than can be answered soon."
    assert lines(caplog) == [
        ("WARNING", f"A request was refused {why}"),
        ("WARNING", "A request was refused because too many files were being made."),
        ("WARNING", f"137 more requests were refused {why}"),
        ("WARNING", f"1 more request was refused {why}"),
        ("WARNING", f"A request was refused {why}"),
    ]


def made_file(request):
    return limit_concurrent_files(lambda request: StreamingHttpResponse(["x"]))(request)


def test_rejected_exports_are_logged_once(caplog, monkeypatch):
    monkeypatch.setattr(generated_files, "MAX_CONCURRENT_FILES", 0)
    monkeypatch.setattr(generated_files._free, "_value", 0)

    statuses = {answered(made_file).status_code for _ in range(9)}

    assert statuses == {503}
    assert lines(caplog) == [
        ("WARNING", "A request was refused because too many files were being made.")
    ]


def answered(view):
    """Return the response of a view through Django's own handler, which logs rejected requests."""
    handler = BaseHandler()
    handler.load_middleware()
    handler._middleware_chain = lambda request: view(request)
    return handler.get_response(RequestFactory().get("/"))


def test_too_large_bodies_are_logged_once(client, caplog):
    for _ in range(9):
        response = client.post("/contact/", {"message": "x" * 200_000})

    assert response.status_code == 413
    assert lines(caplog) == [
        ("WARNING", f"A request was refused because {refusals.BODY_NOT_ALLOWED_OR_TOO_LARGE}.")
    ]


FORM = {"content_type": "multipart/form-data; boundary=x"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contact/", "/api/v1/sessions/", "/nowhere"])
def test_unknown_hosts_are_logged_once_with_the_first_one(client, caplog, settings, path):
    settings.ALLOWED_HOSTS = ["archive.example"]
    hosts = ["evil.example\x1b[2J", *(f"{number}.example" for number in range(5)), "a b"]

    statuses = {client.get(path, HTTP_HOST=host).status_code for host in hosts}

    assert statuses == {400}
    told = f"A request was refused because {refusals.HOST_NOT_ALLOWED}. This one: 'evil.example\\x1b[2J'"
    assert lines(caplog) == [("WARNING", told)]
    assert caplog.records[0].exc_info is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"data": b"x", "content_type": "multipart/form-data"}, "Invalid boundary in multipart: "),
        (
            {
                "data": b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n'
                b"--x--\r\n",
                **FORM,
            },
            "A file was sent to a form that does not take files.",
        ),
    ],
)
def test_invalid_forms_are_logged_once(client, caplog, sent, told):
    statuses = {client.post("/contact/", **sent).status_code for _ in range(9)}

    assert statuses == {400}
    (line,) = lines(caplog)
    assert line[0] == "WARNING"
    assert line[1].startswith(
        f"A request was refused because {refusals.MALFORMED_REQUEST}. This one: {told!r}"[:-1]
    )
    assert caplog.records[0].exc_info is None


def test_too_many_fields_are_logged_once(client, caplog):
    for _ in range(9):
        answer = client.post("/contact/", {f"field{number}": "" for number in range(1100)})

    assert answer.status_code == 413
    assert lines(caplog) == [
        ("WARNING", f"A request was refused because {refusals.BODY_NOT_ALLOWED_OR_TOO_LARGE}.")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contact/", "/api/v1/sessions/"])
def test_locked_database_is_logged_once_with_traceback(caplog, monkeypatch, path):
    def held(self, request):
        raise OperationalError("could not connect")

    monkeypatch.setattr("sma_archive.cache.page_cache.PageCacheMiddleware.__call__", held)
    client = Client(raise_request_exception=False)

    statuses = {client.get(path).status_code for _ in range(9)}

    assert statuses == {503}
    assert lines(caplog) == [
        ("ERROR", f"A request was refused because {refusals.DATABASE_UNAVAILABLE}.")
    ]
    assert "could not connect" in caplog.text


@pytest.mark.django_db
def test_unready_archive_is_logged_once(client, caplog, monkeypatch):
    def fail():
        raise health.NotReadyError("no")

    monkeypatch.setitem(health.CHECKS, "queue", fail)

    statuses = {client.get("/readyz").status_code for _ in range(9)}

    assert statuses == {503}
    assert lines(caplog) == [
        ("WARNING", "A request was refused because the archive was not ready.")
    ]


def test_other_errors_are_logged_as_usual(caplog):
    answered(lambda request: HttpResponse(status=500))

    assert [record.levelno for record in caplog.records] == [logging.ERROR]
