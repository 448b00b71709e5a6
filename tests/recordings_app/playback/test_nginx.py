"""nginx serves what Django allows, with the rules of deploy/nginx.conf."""

import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from recordings_app.models import AccessLog, Recording
from tests import shipped_nginx
from tests.factories import PDF, DocumentFactory, GrantFactory, RecordingFactory
from tests.ports import free_port
from tests.programs import needs
from tests.sound import tone

pytestmark = [needs("nginx"), pytest.mark.django_db(transaction=True)]

AUDIO = tone(10)
SIZE = len(AUDIO)


@pytest.fixture
def nginx(live_server, settings, tmp_path):
    """Start the shipped nginx before the live site; return its address."""
    settings.PRIVATE_DELIVERY = "nginx"
    upstream = urlsplit(live_server.url).port
    with shipped_nginx.running(
        tmp_path, free_port(), upstream, Path(settings.PRIVATE_ROOT)
    ) as address:
        yield address


def ask(address, **headers):
    request = urllib.request.Request(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_nginx_serves_audio_in_ranges(nginx):
    recording = RecordingFactory(has_audio=True, access="open")
    address = f"{nginx}{recording.get_absolute_url()}audio"

    status, headers, whole = ask(address)
    assert (status, whole, headers["Content-Type"]) == (200, AUDIO, "audio/wav")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Accel-Redirect" not in headers

    for header, start, end in (("bytes=100-199", 100, 199), ("bytes=-50", SIZE - 50, SIZE - 1)):
        status, headers, part = ask(address, Range=header)
        assert (status, part) == (206, AUDIO[start : end + 1])
        assert headers["Content-Range"] == f"bytes {start}-{end}/{SIZE}"
    assert ask(address, Range="bytes=0-,0-,0-,5-9")[0] == 200
    assert ask(address, Range=f"bytes={SIZE}-")[0] == 416
    assert ask(address, Range="bytes=0-9", If_Range=headers["ETag"])[0] == 206
    assert ask(address, Range="bytes=0-9", If_Range='"other"')[0] == 200
    assert AccessLog.objects.filter(byte_count=100).count() == 1


def test_nginx_serves_documents(nginx):
    document = DocumentFactory(as_file=True, session__slug="sea-lanes")

    status, headers, content = ask(f"{nginx}/sessions/sea-lanes/documents/1/paper.pdf")

    assert (status, content, headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert headers["Content-Disposition"].startswith("inline")
    assert headers["Cache-Control"] == "no-cache, private"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(f"{nginx}/private-files/{document.file.name}")[0] == 404


def test_too_large_requests_are_rejected_by_nginx(nginx):
    for path, size, status in (
        ("/contact/", 200_000, 413),
        ("/contact/", 100_000, 403),  # no CSRF token
        ("/admin/sessions_app/series/add/", 34_000_000, 413),
        ("/admin/login/", 200_000, 403),  # rejected without reading the body
    ):
        request = urllib.request.Request(nginx + path, data=bytes(size), method="POST")
        try:
            with urllib.request.urlopen(request) as answer:
                got = answer.status
        except urllib.error.HTTPError as error:
            got = error.code
        except urllib.error.URLError:  # closed while it was still being sent
            got = 413
        assert got == status, path


def test_private_files_have_no_url(nginx):
    recording = RecordingFactory(has_audio=True, access="closed")

    for path in (
        f"/private-files/{recording.file.name}",
        f"/private-files/recordings/../{recording.file.name}",
        f"/private-files/recordings/..%2f{recording.file.name}",
        f"//private-files/{recording.file.name}",
        f"{recording.get_absolute_url()}audio",
    ):
        status, _, content = ask(nginx + path)
        assert status in (400, 404), path
        assert AUDIO[:500] not in content


def test_granted_audio_requires_its_sitting_behind_nginx_too(nginx):
    grant = GrantFactory()
    page = f"{nginx}/recordings/{grant.token}/"

    assert ask(f"{page}audio")[0] == 403
    opener = urllib.request.build_opener(NoRedirects)
    with pytest.raises(urllib.error.HTTPError) as redirect:
        opener.open(urllib.request.Request(page, data=b"", method="POST"))
    cookie = redirect.value.headers["Set-Cookie"].partition(";")[0]
    status, headers, audio = ask(f"{page}audio", Cookie=cookie)
    assert (status, audio) == (200, AUDIO)
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    Recording.objects.update(access="closed")
    assert ask(f"{page}audio", Cookie=cookie)[0] == 410


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None
