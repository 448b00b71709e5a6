"""nginx delivers what Django allows, by the very block of deploy/nginx.conf."""

import os
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from recordings_app.models import AccessLog, Recording
from sma_archive.management.commands.serve import answers
from tests.factories import GrantFactory, RecordingFactory
from tests.ports import free_port
from tests.programs import find, needs
from tests.sound import tone
from tests.waiting import PATIENCE, eventually

pytestmark = [needs("nginx"), pytest.mark.django_db(transaction=True)]

AUDIO = tone(10)
SIZE = len(AUDIO)


def block_of(name: str, private: Path) -> str:
    """Return the `location` of that name as it is shipped, for this private folder."""
    shipped = (django_settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    block = re.search(rf"location {re.escape(name)} \{{.*?\n    \}}", shipped, re.DOTALL)[0]
    return block.replace("/srv/archive/private/", f"{private}/")


@pytest.fixture
def nginx(live_server, settings, tmp_path):
    """Start nginx before the live site; return its address."""
    settings.PRIVATE_DELIVERY = "nginx"
    port = free_port()
    places = "".join(
        f"{name}_temp_path {tmp_path}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(f"""
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; worker_processes 1;
        events {{ }}
        http {{
            access_log off; {places}
            server {{
                listen 127.0.0.1:{port};
                {block_of("/private-files/recordings/", Path(settings.PRIVATE_ROOT))}
                location / {{ proxy_pass {live_server.url}; proxy_set_header Host $host; }}
            }}
        }}""")
    process = subprocess.Popen([find("nginx"), "-c", str(tmp_path / "nginx.conf"), "-p", tmp_path])
    try:
        assert eventually(lambda: process.poll() is not None or answers(("127.0.0.1", port)))
        assert process.poll() is None, (tmp_path / "error.log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def ask(address, **headers):
    request = urllib.request.Request(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_audio_comes_from_nginx_in_ranges(nginx):
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


def test_private_files_have_no_address_of_their_own(nginx):
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


def test_granted_audio_needs_its_sitting_behind_nginx_too(nginx):
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
