"""`make run` once the packages are installed, as a separate process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from django.conf import settings

from tests.ports import free_port
from tests.waiting import PATIENCE

pytestmark = pytest.mark.slow


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def serve(tmp_path, port):
    """Return a function that starts the archive in an empty folder: environment → process."""
    started = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=settings.BASE_DIR,
            env={
                "PATH": os.environ["PATH"],
                "ARCHIVE_ENV_FILE": os.devnull,
                "VAR_DIR": str(tmp_path / "var"),
                "PORT": str(port),
                "DEMO": "0",
                "DEBUG": "1",  # static files are collected without slow compression
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def lines_until(process, text):
    """Return the output lines of a process, up to the first that contains `text`."""
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if text in line:
            return lines
    pytest.fail("\n".join(lines))


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read()


def stop(process):
    process.send_signal(signal.SIGTERM)
    rest = process.communicate(timeout=PATIENCE)[0]
    return process.returncode, rest.splitlines()


def test_concurrent_first_starts_create_one_account(serve, port):
    first, second = serve(), serve(PORT=str(free_port()), WEB_PROCESSES="1")
    said_by_both = [lines_until(process, "Ctrl-C") for process in (first, second)]
    answered = get(port, "/healthz")
    unknown = get(port, "/requests/12-secret-token/")
    status_of_second, _ = stop(second)
    status, rest = stop(first)

    address = f"http://127.0.0.1:{port}/"
    assert f"The archive is at {address}   staff: {address}admin/" in said_by_both[0]
    said = [line for lines in said_by_both for line in lines]
    # One account, created by one of them.
    (account,) = [line for line in said if "password" in line]
    assert re.search(r"user admin  password \S{16}$", account)
    assert answered == (200, json.dumps({"status": "ok"}).encode())
    assert unknown[0] == 404
    # A web worker that is slow to stop is killed after its grace period, and the server logs that
    # in between.
    assert (status, "Stopping …" in rest, rest[-1]) == (0, True, "Stopped.")
    assert status_of_second == 0
    assert not [line for line in said + rest if "secret-token" in line or "Traceback" in line]

    third = serve(WEB_PROCESSES="1")
    said = lines_until(third, "Ctrl-C")
    stop(third)
    assert not [line for line in said if "password" in line]


def test_serve_with_a_used_port_explains_how_to_choose_another(serve, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        process = serve()
        said = process.communicate(timeout=PATIENCE)[0]

    assert process.returncode == 1
    assert f"port {port}" in said
    assert "PORT=8123 make run" in said


def test_serve_reports_a_missing_secret(serve):
    process = serve(DATABASE_URL="postgres://x@/y")

    said = process.communicate(timeout=PATIENCE)[0]

    assert process.returncode == 1
    assert "SECRET_KEY must be set" in said
