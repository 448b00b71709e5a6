"""The delay of due mail, publication and seals while all long jobs of the tick are due.

    python -m benchmarks.tick_delay --sessions 100000
    python -m benchmarks.tick_delay --talks talks.jsonl.gz
    python -m benchmarks.tick_delay --var DIR            (an existing database)

Makes all jobs due, starts `manage.py tick --stay`, and then makes a mail, a publication and a seal due
every two seconds until all long jobs have run once (at most --seconds, 300). Prints for each kind
their number and the median and longest delay in seconds, the time of each long job, and the largest
anonymous resident memory of the tick's own process and of its children.
DATABASE_URL selects PostgreSQL.
"""

import argparse
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.archive import ROOT, add_archive_options, open_archive

EVERY = 2.0  # seconds between two due times
LOOK = 0.05  # seconds between two checks


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_archive_options(parser)
    parser.add_argument("--seconds", type=int, default=300, help="at most (300)")
    options = parser.parse_args()
    with open_archive(options):
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(options.seconds)


def measure(seconds):
    from django.db import connection

    from sessions_app.models import Session
    from site_app.models import JobState
    from sma_archive.background import tick
    from sma_archive.background.jobs import Lane

    print(f"sessions: {Session.objects.count()}   database: {connection.vendor}", flush=True)
    make_all_due()
    long_jobs = [
        name for name, job in tick.JOBS.items() if job.lane is Lane.LONG and not job.deletes_by_age
    ]
    probes = {"mail": Mail(), "publication": Publication(), "seal": Seal()}
    delays = {name: [] for name in probes}
    memory = {"tick": 0.0, "children": 0.0}
    process = subprocess.Popen([sys.executable, "manage.py", "tick", "--stay"], cwd=ROOT)
    waiting, next_due, took = {}, time.monotonic() + 5, {}
    began = time.monotonic()
    try:
        while time.monotonic() - began < seconds:
            if not waiting and time.monotonic() >= next_due:
                for name, probe in probes.items():
                    probe.make_due()
                    waiting[name] = time.monotonic()
                next_due = time.monotonic() + EVERY
            for name in list(waiting):
                if probes[name].is_done():
                    delays[name].append(time.monotonic() - waiting.pop(name))
            note_memory(process.pid, memory)
            for state in JobState.objects.filter(name__in=long_jobs).exclude(succeeded_at=None):
                took[state.name] = max(took.get(state.name, 0), state.seconds)
            if set(took) == set(long_jobs) and len(delays["mail"]) >= 20:
                break
            time.sleep(LOOK)
        for name, since in waiting.items():  # still not done: the delay is at least this long
            delays[name].append(time.monotonic() - since)
    finally:
        process.terminate()
        process.wait()
    report(delays, took, memory, time.monotonic() - began, set(long_jobs) - set(took))


def report(delays, took, memory, seconds, missing):
    print(f"{'kind':<14}{'number':>8}{'median s':>10}{'longest s':>11}")
    for name, found in delays.items():
        print(f"{name:<14}{len(found):>8}{statistics.median(found):>10.2f}{max(found):>11.2f}")
    print(f"\nmeasured for {seconds:.0f} s; longest slice of each long job, seconds:")
    for name, longest in sorted(took.items(), key=lambda each: -each[1])[:8]:
        print(f"  {name:<36}{longest:>8.2f}")
    if missing:
        print("  not done once: " + ", ".join(sorted(missing)))
    print(
        f"memory (RssAnon), largest: tick {memory['tick']:.0f} MiB, "
        f"its children {memory['children']:.0f} MiB"
    )


def make_all_due():
    """Reset the last run of each job, and its progress."""
    from desk_app.models import CheckedRecord, CheckRun
    from search_app.change_log import record_changes
    from sessions_app.models import Recurrence, RecurrenceRun, Session
    from site_app.models import JobState, MailMessage
    from speakers_app.models import Speaker

    for model in (CheckedRecord, CheckRun, Recurrence, RecurrenceRun, JobState):
        model.objects.all().delete()
    MailMessage.objects.filter(state="queued").update(state="sent")
    record_changes("session", Session.objects.order_by("pk").values_list("pk", flat=True)[:5000])
    record_changes("speaker", Speaker.objects.order_by("pk").values_list("pk", flat=True)[:1])


class Mail:
    def make_due(self):
        from site_app.mail.queue import queue_message

        # About a deleted comment: rendered without a result, and deleted.
        self.message = queue_message("comment-for-staff", "nobody@localhost", comment=0)

    def is_done(self):
        from site_app.models import MailMessage

        return not MailMessage.objects.filter(pk=self.message.pk).exists()


class Publication:
    def __init__(self):
        from sessions_app.models import Session

        self.keys = list(
            Session.objects.published().order_by("pk").values_list("pk", flat=True)[:1000]
        )

    def make_due(self):
        from django.utils import timezone

        from sessions_app.models import Session

        self.key = self.keys.pop()
        now = timezone.now()
        Session.objects.filter(pk=self.key).update(
            first_public_at=None, published_at=now, updated_at=now - timedelta(hours=1)
        )

    def is_done(self):
        from sessions_app.models import Session

        return Session.objects.filter(pk=self.key).exclude(first_public_at=None).exists()


class Seal:
    def __init__(self):
        from recordings_app.models import Recording
        from sessions_app.models import Session

        session = Session.objects.published().order_by("-pk").first()
        self.recording = Recording.objects.create(session=session, title="Benchmark")

    def make_due(self):
        from django.utils import timezone

        from recordings_app.models import Recording

        Recording.objects.filter(pk=self.recording.pk).update(
            is_sealed=True, sealed_until=timezone.localdate()
        )

    def is_done(self):
        from recordings_app.models import Recording

        return not Recording.objects.filter(pk=self.recording.pk, is_sealed=True).exists()


def note_memory(pid, memory):
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        own, its = (
            anonymous_mib(pid),
            [anonymous_mib(each) for each in children.read_text().split()],
        )
    except OSError:  # a process has just ended
        return
    memory["tick"] = max(memory["tick"], own)
    memory["children"] = max(memory["children"], sum(its))


def anonymous_mib(pid) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
