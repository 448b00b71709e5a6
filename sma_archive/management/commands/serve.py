"""Start the whole archive: migrations, first-run data, web server, worker and tick."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from sessions_app.models import Session

TICK_SECONDS = 60
GRACE_SECONDS = 10  # for open requests when stopping
FIRST_BACKOFF, LONGEST_BACKOFF = 1, 60  # seconds before a part that died is started again


class Part:
    """One long-running program of the site, started again when it dies."""

    def __init__(self, name, command):
        self.name, self.command = name, command
        self.backoff = FIRST_BACKOFF
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, start_new_session=True)
        self.started = time.monotonic()

    def tend(self, say):
        """Start the part again if it ended; one that ran well for a minute counts as new."""
        if self.process.poll() is None:
            return
        lived = time.monotonic() - self.started
        if lived > LONGEST_BACKOFF:
            self.backoff = FIRST_BACKOFF
        if lived < self.backoff:
            return
        say(f"{self.name} ended with status {self.process.returncode}; starting it again.")
        self.backoff = min(2 * self.backoff, LONGEST_BACKOFF)
        self.start()

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)

    def wait(self):
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args, host, port, **options):
        self.refuse_taken_port(host, port)
        call_command("migrate", verbosity=0)
        if settings.DEMO and not Session.objects.exists():
            self.say("Loading the demonstration archive …")
            call_command("seed_demo")
        self.make_staff_account()
        call_command("collectstatic", interactive=False, verbosity=0)
        connections.close_all()
        self.run(host, port)

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()

    def refuse_taken_port(self, host, port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"Cannot listen on {host}:{port} ({error.strerror}). "
                    "Choose another port: PORT=8123 make run"
                ) from error

    def make_staff_account(self):
        """On first run make one account and print its password, once."""
        users = get_user_model()
        if users.objects.filter(is_superuser=True).exists():
            return
        name = os.environ.get("ADMIN_USER") or "admin"
        given = os.environ.get("ADMIN_PASSWORD")
        password = given or secrets.token_urlsafe(12)
        users.objects.create_superuser(name, settings.ARCHIVE_CONTACT_EMAIL, password)
        self.say(
            f"Staff account: {name}   password: {'as in ADMIN_PASSWORD' if given else password}"
        )
        self.say("This password is shown only now; change it under /admin/password_change/.")

    def run(self, host, port):
        os.environ["SERVED_AT"] = f"http://{host}:{port}"
        manage = [sys.executable, str(Path(sys.argv[0]).resolve())]
        parts = [
            Part("web server", [
                str(Path(sys.executable).with_name("granian")),
                "--interface", "wsgi", "--host", host, "--port", str(port),
                "--workers", os.environ.get("WEB_PROCESSES", "2"), "--blocking-threads", "4",
                "--no-access-log",  # an access log would hold the tokens of links
                "--log-level", "warning",
                "sma_archive.wsgi:application",
            ]),
            Part("worker", [*manage, "db_worker", "--interval", "2"]),
        ]  # fmt: skip
        stopping = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *caught: stopping.append(caught))
        self.say(f"The archive is at http://{host}:{port}/   staff: http://{host}:{port}/admin/")
        self.say("Ctrl-C stops it.")
        next_tick = time.monotonic()
        tick = None
        while not stopping:
            for part in parts:
                part.tend(self.say)
            if time.monotonic() >= next_tick and (tick is None or tick.poll() is not None):
                next_tick = time.monotonic() + TICK_SECONDS
                tick = subprocess.Popen([*manage, "tick"], start_new_session=True)
            time.sleep(0.2)
        self.say("Stopping …")
        for part in parts:
            part.stop()
        for part in parts:
            part.wait()
        if tick is not None:
            tick.wait()
