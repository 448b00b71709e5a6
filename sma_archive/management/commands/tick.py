"""Run all due jobs once: mail, scheduled publication, retention, the search index, tasks."""

import gc
import signal
import threading

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from site_app.models import JobState
from sma_archive.background import clock, tick
from sma_archive.background.jobs import LaneScheduler


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--stay",
            action="store_true",
            help="keep running until stopped, and run urgent jobs within seconds; "
            "omit this when a timer runs the command",
        )
        parser.add_argument(
            "--clock-is-right",
            action="store_true",
            help="confirm that this machine's clock is right after it jumped by more than a day",
        )

    def handle(self, *args, stay, clock_is_right, **options):
        if clock_is_right:
            clock.read_clock_state(confirmed=True)
        JobState.objects.exclude(name__in=tick.JOBS).delete()  # jobs of an earlier release
        if stay:
            return self.run_forever()
        return self.run_once()

    def run_forever(self):
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *caught: stop.set())
        gc.freeze()  # child processes share loaded memory until something writes to it
        LaneScheduler(tick.JOBS).run_until_stopped(stop)

    def run_once(self):
        # disable=None: show a progress bar only on a terminal.
        connection.ensure_connection()  # without a database every job would fail separately
        bar = tqdm(total=len(tick.JOBS), desc="tick", unit="job", disable=None, leave=False)
        counts, failed = dict.fromkeys(tick.JOBS, 0), []

        def done(name, result):
            bar.update()
            if isinstance(result, Exception):
                failed.append(name)
            elif result:
                counts[name] += result

        with bar:
            if connection.in_atomic_block:  # other processes would not see what the caller wrote
                for name, result in tick.run_each_job_once().items():
                    done(name, result)
            else:
                LaneScheduler(tick.JOBS).run_all_once(done)
        for name, count in counts.items():
            if count:
                self.stdout.write(f"{name}: {count}")
        if failed:
            names = ", ".join(dict.fromkeys(failed))
            raise CommandError(f"Failed: {names}. The log says why.")
