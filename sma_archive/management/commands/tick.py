"""All work that is due, once: mail, scheduled publication, retention, the search index, tasks."""

import signal
import threading

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from tqdm import tqdm

from sma_archive import tick


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--every",
            type=int,
            metavar="SECONDS",
            help="go on, once in so many seconds, until stopped; a timer calls it without this",
        )

    def handle(self, *args, every, **options):
        if not every:
            return self.once()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *caught: stop.set())
        while not stop.is_set():
            close_old_connections()  # as between two requests: one may have broken meanwhile
            tick.run()  # failures are in the log, and the next round tries again
            stop.wait(every)
        return None

    def once(self):
        # disable=None: a bar on a terminal only.
        jobs = tqdm(tick.JOBS, desc="tick", unit="job", disable=None, leave=False)
        done = tick.run(jobs)
        failed = [name for name, result in done.items() if isinstance(result, Exception)]
        for name, result in done.items():
            if result and name not in failed:
                self.stdout.write(f"{name}: {result}")
        if failed:
            raise CommandError("Failed: " + ", ".join(failed) + ". The log says why.")
