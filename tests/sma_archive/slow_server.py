"""The web server with slow_application.py instead of Django, for tests of the layers before it."""

import http.client
import os
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings

from sma_archive.server import web_server
from tests.ports import free_port
from tests.waiting import PATIENCE, eventually


@contextmanager
def running(folder: Path):
    """Serve with one process; yield (port, file listing the closed responses)."""
    port, closed = free_port(), folder / "closed"
    closed.touch()
    command = web_server.web_server_command("127.0.0.1", port, 1)
    command[-1] = "tests.sma_archive.slow_application:application"
    environment = {
        **os.environ,
        "CLOSED_FILE": str(closed),
        "DJANGO_SETTINGS_MODULE": "sma_archive.settings",
        "ARCHIVE_ENV_FILE": os.devnull,
        "VAR_DIR": str(folder / "var"),
    }
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        assert eventually(lambda: process.poll() is not None or is_alive(port))
        yield port, closed
    finally:
        process.terminate()
        process.wait(PATIENCE)


def is_alive(port):
    try:
        return ask(port, "/healthz")[::2] == (200, b'{"status": "ok"}')
    except OSError:
        return False


def ask(port, path, method="GET", body=None, headers=None):
    """Return (status, headers, content)."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
