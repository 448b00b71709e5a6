"""Start the whole archive: migrations, initial data, web server, worker and tick."""

import fcntl
import os
import secrets
import socket
import sys
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from sessions_app.models import Session
from site_app.text.numbers import parse_whole_number
from sma_archive.configuration import collectstatic, environment
from sma_archive.server import web_server
from sma_archive.server.supervisor import Program, Supervisor

LOCAL_ADDRESS_OF_WILDCARD = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened on, and reached at


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []  # before the migration the database may be older than the models

    def add_arguments(self, parser):
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")

    def handle(self, *args, host, port, **options):
        port = self.checked_port(host, port)
        processes = self.web_process_count()
        self.check()
        with self.startup_lock():
            call_command("migrate", verbosity=0)
            self.load_demonstration()
            if collectstatic.collect_if_changed():
                self.say("Static files collected.")
            self.make_staff_account()
            connections.close_all()
        self.supervise(host, port, processes)

    @contextmanager
    def startup_lock(self):
        """Wait until no other process prepares the same folder."""
        with (settings.VAR_DIR / "serve.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.say("Another process is preparing this archive; waiting …")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def say(self, text):
        self.stdout.write(text)
        self.stdout.flush()

    def checked_port(self, host, port):
        number = parse_whole_number(port, maximum=65535)
        if number is None:
            raise CommandError(f"PORT must be a number from 1 to 65535, not “{port}”.")
        try:
            family, _, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            raise CommandError(
                f"Cannot listen on port {port} of {host}: {error.strerror}. "
                "Choose another port: PORT=8123 make run"
            ) from error
        return number

    def web_process_count(self):
        return str(environment.number_setting("WEB_PROCESSES", default=2, least=1))

    def load_demonstration(self):
        if settings.DEMO and not Session.objects.exists():
            self.say("Loading the demonstration archive …")
            with transaction.atomic():  # if interrupted, it starts again next time
                call_command("seed_demo")

    def make_staff_account(self):
        """On the first run, create one account and print its password once."""
        users = get_user_model()
        if users.objects.filter(is_staff=True).exists():
            return
        name = os.environ.get("ADMIN_USER") or "admin"
        given = os.environ.get("ADMIN_PASSWORD")
        password = given or secrets.token_urlsafe(12)
        users.objects.create_superuser(name, settings.ARCHIVE_CONTACT_EMAIL, password)
        shown = "as given in ADMIN_PASSWORD" if given else password
        self.say(f"Staff account, shown only now:  user {name}  password {shown}")

    def supervise(self, host, port, processes):
        reached = (LOCAL_ADDRESS_OF_WILDCARD.get(host, host), port)
        shown_host = f"[{reached[0]}]" if ":" in reached[0] else reached[0]
        # Links in mail use this address, unless SITE_URL names another.
        os.environ["SERVED_AT"] = f"http://{shown_host}:{port}"
        site_url = os.environ.get("SITE_URL") or os.environ["SERVED_AT"]
        # The folder in which these programs start; a relative argv[0] would depend on the current
        # folder.
        manage = [sys.executable, str(Path(sys.argv[0]).resolve())]
        programs = [
            Program("worker", [*manage, "db_worker", "--no-startup-delay", "--verbosity", "0"]),
            Program("tick", [*manage, "tick", "--stay"]),
            Program("web server", web_server.web_server_command(host, port, processes)),
        ]

        def announce():
            self.say(f"The archive is at {site_url}/   staff: {site_url}/admin/")
            self.say("Press Ctrl-C to stop.")

        Supervisor(programs, self.say).run(lambda: accepts_connections(reached), announce)


def accepts_connections(address: tuple[str, int]) -> bool:
    """Return whether something accepts connections at (host, port)."""
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
