"""Files generated while they are sent: few at a time, and their slots are released."""

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse

from site_app.http import generated_files
from site_app.http.generated_files import MAX_CONCURRENT_FILES, limit_concurrent_files
from tests.factories import SessionFactory


@pytest.fixture(autouse=True)
def keep_connections():
    """Keep the test's database connection open at the end of a response."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@limit_concurrent_files
def streamed(request):
    return StreamingHttpResponse(iter([b"one", b"two"]))


@limit_concurrent_files
def whole(request):
    return HttpResponse(b"whole")


@limit_concurrent_files
def broken(request):
    raise ValueError


def test_concurrent_exports_are_limited(rf):
    at_work = [streamed(rf.get("/")) for _ in range(MAX_CONCURRENT_FILES)]

    refused = streamed(rf.get("/"))
    assert (refused.status_code, refused["Retry-After"]) == (503, "20")
    assert all(response.is_made_while_sent for response in at_work)

    at_work.pop().close()
    assert streamed(rf.get("/")).status_code == 200
    assert b"".join(at_work[0]) == b"onetwo"
    for response in at_work:
        response.close()


def test_slot_is_released_however_a_response_ends(rf):
    for _ in range(2 * MAX_CONCURRENT_FILES):
        assert whole(rf.get("/")).status_code == 200
        with pytest.raises(ValueError):
            broken(rf.get("/"))
        response = streamed(rf.get("/"))
        response.close()
        response.close()
        assert streamed(rf.get("/")).status_code == 200  # and garbage-collected, without close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        *(f"/sessions/export.{extension}" for extension in ("csv", "xlsx", "json", "bib", "ris")),
        *(f"/recommendations/export.{extension}" for extension in ("csv", "xlsx", "json")),
        "/admin/recordings_app/accesslog/report/?csv=requests",
        "/admin/sessions_app/session/export/",
    ],
)
def test_every_export_needs_a_slot(admin_client, monkeypatch, address):
    SessionFactory()

    class Full:
        def acquire(self, blocking):
            return False

    response = admin_client.get(address)
    assert response.status_code == 200
    if response.streaming:
        b"".join(response)
    monkeypatch.setattr(generated_files, "_free", Full())
    assert admin_client.get(address).status_code == 503
