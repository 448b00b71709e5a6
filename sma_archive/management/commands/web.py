"""Run only the web server, as systemd does; `serve` runs the whole archive."""

import os

from django.conf import settings
from django.core.management.base import BaseCommand

from sma_archive.configuration import environment
from sma_archive.server import web_server


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", default="8000", type=int)
        parser.add_argument(
            "--processes",
            default=environment.number_setting("WEB_PROCESSES", default=2, least=1),
            type=int,
        )

    def handle(self, *args, host, port, processes, **options):
        os.chdir(settings.BASE_DIR)  # where the server looks for the application
        command = web_server.web_server_command(host, port, processes)
        os.execv(command[0], command)  # noqa: S606 - in the place of this process, for signals
