"""Every program reports an invalid setting in one sentence, with an exit status other than 0."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError

from sma_archive.configuration import environment
from sma_archive.management.commands import serve
from tests.ports import free_port

pytestmark = pytest.mark.slow

BASE = django_settings.BASE_DIR
CLOSED = f"postgres://nobody@127.0.0.1:{free_port()}/nothing"
KEY = "k3y-" + "abcdefghij" * 5


def run(command, folder, **given):
    """Run a program of the archive with a site of its own; return its output and status."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=BASE,
        env=kept | {"ARCHIVE_ENV_FILE": str(folder / "no.env"), "VAR_DIR": str(folder)} | given,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr, done.returncode


def assert_one_sentence(said, status, *parts):
    assert status not in (0, None)
    assert "Traceback" not in said
    (line,) = said.strip().splitlines()
    for part in parts:
        assert part in line


WRONG = [
    ({"DATABASE_URL": "postgres://x@h/y"}, "SECRET_KEY must be set"),
    ({"DATABASE_URL": "nonsense", "SECRET_KEY": KEY}, "postgres://user:password@host"),
    ({"DATABASE_URL": "mysql://x@h/y", "SECRET_KEY": KEY}, "DATABASE_URL begins with “mysql”"),
    ({"DATABASE_URL": "postgres://x@h:99999/y", "SECRET_KEY": KEY}, "DATABASE_URL cannot be read"),
    (
        {"DATABASE_URL": "postgres://x@h", "SECRET_KEY": KEY},
        "DATABASE_URL does not name a database",
    ),
    ({"EMAIL_URL": "mail.example.org"}, "EMAIL_URL begins with no scheme"),
    ({"EMAIL_URL": "imap://h"}, "EMAIL_URL begins with “imap”"),
    ({"EMAIL_URL": "smtp://h:port"}, "EMAIL_URL cannot be read"),
    ({"CACHE_URL": "carrierpigeon://h"}, "CACHE_URL begins with “carrierpigeon”"),
    ({"TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE is “Mars/Olympus”"),
    ({"RATE_LIMITS": "many"}, "RATE_LIMITS is “many”"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is “LOUD”"),
    ({"DEBUG": "maybe"}, "DEBUG is “maybe”"),
    (
        {"PRIVATE_SIGNED_SECONDS": "²"},
        "PRIVATE_SIGNED_SECONDS must be a number of 1 or more, not “²”",
    ),
    ({"SITE_URL": "archive.example.org"}, "SITE_URL is “archive.example.org”"),
    ({"SITE_URL": "http://[::1"}, "SITE_URL is"),
    ({"MEDIA_STORAGE_URL": "s3://h:port/x"}, "bucket"),
    ({"VAR_DIR": "/dev/null/var"}, "VAR_DIR: the folder /dev/null/var cannot be written"),
]


@pytest.mark.parametrize(("given", "part"), WRONG)
def test_invalid_settings_are_reported(tmp_path, given, part):
    said, status = run(["manage.py", "check"], tmp_path, **given)

    if given == {"MEDIA_STORAGE_URL": "s3://h:port/x"}:
        part = "bucket" if "bucket" in said else "requirements-scale.txt"
    assert_one_sentence(said, status, "Error: ", part)


ENTRIES = [
    ["manage.py", "serve"],
    ["manage.py", "migrate"],
    ["manage.py", "tick"],
    ["manage.py", "db_worker"],
    ["manage.py", "createsuperuser"],
    ["-c", "import sma_archive.wsgi"],
    ["-c", "import sma_archive.asgi"],
]


@pytest.mark.parametrize("command", ENTRIES)
def test_every_program_reports_the_problem(tmp_path, command):
    said, status = run(command, tmp_path, TIME_ZONE="Mars/Olympus")

    assert_one_sentence(said, status, "Error: TIME_ZONE is “Mars/Olympus”")


@pytest.mark.parametrize("command", [entry for entry in ENTRIES if entry[0] != "-c"])
def test_unavailable_database_is_reported(tmp_path, command):
    given = {"DATABASE_URL": CLOSED, "SECRET_KEY": KEY, "PORT": str(free_port())}

    said, status = run(command, tmp_path, **given)

    lines = [line for line in said.strip().splitlines() if line.startswith("Error: ")]
    assert_one_sentence(lines[-1], status, "The database does not answer", "DATABASE_URL is right")
    assert "Traceback" not in said


def test_database_without_tables_is_reported(tmp_path):
    said, status = run(["manage.py", "export_person", "a@b.example"], tmp_path)

    assert_one_sentence(said, status, "has no tables yet", "manage.py migrate")


def test_invalid_database_file_is_reported(tmp_path):
    (tmp_path / "archive.sqlite3").write_text(
        "This is not a database, but long enough to look." * 9
    )

    said, status = run(["manage.py", "migrate"], tmp_path)

    assert_one_sentence(said, status, "not a database", "backup")


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"PORT": "²"}, "PORT must be a number"),
        ({"WEB_PROCESSES": "٢"}, "WEB_PROCESSES must be a number of 1 or more, not “٢”"),
        ({"HOST": "no.such.host.invalid"}, "Cannot listen on port"),
    ],
)
def test_serve_reports_the_problem(tmp_path, given, part):
    said, status = run(["manage.py", "serve"], tmp_path, **{"PORT": str(free_port())} | given)

    assert_one_sentence(said, status, part)


@pytest.mark.parametrize("port", ["eighty", "http", "70000", ""])
def test_invalid_port_is_rejected(port):
    with pytest.raises(CommandError, match="PORT must be a number"):
        serve.Command().checked_port("127.0.0.1", port)


@pytest.mark.parametrize("processes", ["none", "0"])
def test_invalid_number_of_web_processes_is_rejected(monkeypatch, processes):
    monkeypatch.setenv("WEB_PROCESSES", processes)

    with pytest.raises(ImproperlyConfigured, match=f"of 1 or more, not “{processes}”"):
        serve.Command().web_process_count()


def test_traceback_is_shown_on_request(tmp_path):
    said, status = run(["manage.py", "check", "--traceback"], tmp_path, TIME_ZONE="Mars/Olympus")

    assert status == 1
    assert "Traceback" in said


def test_public_site_does_not_start_unsafe(tmp_path):
    given = {"DATABASE_URL": CLOSED, "SECRET_KEY": "short", "SITE_URL": "http://a.example.org"}

    said, status = run(["manage.py", "check"], tmp_path, DEBUG="1", **given)

    assert status == 1
    assert "Traceback" not in said
    for number in (5, 6, 7, 9):
        assert f"sma_archive.E00{number}" in said


def test_password_is_never_repeated(tmp_path):
    for name in ("DATABASE_URL", "EMAIL_URL", "CACHE_URL"):
        for url in ("http://user:hunter2@h/x", "smtp://user:hunter2@h:port/x", "hunter2"):
            said, status = run(["manage.py", "check"], tmp_path, SECRET_KEY=KEY, **{name: url})

            assert status == 1
            assert "hunter2" not in said


def test_secret_key_is_created_once_and_completely(tmp_path):
    key = environment.embedded_secret_key(tmp_path)

    assert len(key) > 80
    assert environment.embedded_secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in Path(tmp_path).iterdir()] == ["secret_key"]
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        environment.embedded_secret_key(tmp_path)
