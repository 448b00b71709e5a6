"""Import talks in bulk from JSON Lines, plain or gzip: one JSON object per line."""

import gzip
import sys
import time
import zlib
from collections import Counter
from itertools import islice
from pathlib import Path

from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from ingest_app.runs.run_records import run_summary, store_finished_run
from ingest_app.talks.talk_reader import read_talk
from ingest_app.talks.talk_writer import TALKS_PER_BATCH, TalkWriter
from search_app.updating.record_changing_command import RecordChangingCommand
from site_app.sqlite_statistics import refresh_sqlite_statistics

MAX_REMARKS_PRINTED = 200  # printed; all are counted


# SQLite does not signal that the lock is free; a waiting process checks at least every 100 ms.
WRITE_PAUSE_SECONDS = 0.03


def pause_for_other_writers() -> None:
    """Release SQLite for a moment between two transactions, so that others can write."""
    if connection.vendor == "sqlite":
        time.sleep(WRITE_PAUSE_SECONDS)


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE.jsonl[.gz]")
        parser.add_argument("--publish", action="store_true", help="publish new sessions")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="report what would happen without storing anything",
        )

    def handle(self, *args, file, publish, dry_run, **options):
        if not file.is_file():
            raise CommandError(f"{file} does not exist.")
        self.file, self.started_at = file, timezone.now()
        self.counts, self.report, self.lines_of = Counter(), [], {}
        writer = TalkWriter(publish=publish, stores=not dry_run)
        with tqdm(
            total=file.stat().st_size, unit="B", unit_scale=True, disable=not sys.stderr.isatty()
        ) as bar:
            talks = self.valid_talks(bar)
            while batch := list(islice(talks, TALKS_PER_BATCH)):
                outcomes = writer.write_talks([talk for _, talk in batch])
                pause_for_other_writers()  # a dry run writes too, and rolls back
                for (number, talk), outcome in zip(batch, outcomes, strict=True):
                    self.counts[outcome.status] += 1
                    for remark in outcome.remarks:
                        self.note_remark(
                            number, f"{talk.id}: {remark}", outcome.status == "failed"
                        )
        remarks = sum(1 for entry in self.report if not entry["failed"])
        if not dry_run:
            refresh_sqlite_statistics()
            store_finished_run(
                "talks", file.name, [file], self.counts, self.report, self.started_at
            )
        nothing_stored = "; nothing stored" if dry_run else ""
        self.stdout.write(f"{run_summary(self.counts)}; {remarks} remarks{nothing_stored}")
        if self.counts["failed"]:
            raise CommandError(f"{self.counts['failed']} lines failed.")

    def valid_talks(self, bar):
        """Yield (line number, talk) for every valid line; report the others and continue."""
        with self.file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            lines = gzip.GzipFile(fileobj=raw) if packed else raw
            number = 0
            while True:
                try:
                    content = lines.readline()
                except (OSError, EOFError, zlib.error) as error:
                    self.note_failed_line(
                        number + 1, f"the rest of the file cannot be read: {error}"
                    )
                    return
                if not content:
                    return
                number += 1
                bar.update(raw.tell() - bar.n)
                if not content.strip():
                    continue
                try:
                    talk = read_talk(content.decode("utf-8-sig"))
                except ValueError as error:
                    self.note_failed_line(number, str(error))
                    if number == 1 and not content.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
                        raise CommandError(
                            f"{self.file}: this is not a JSON Lines file (line 1: {error})."
                        ) from error
                    continue
                if (first := self.lines_of.setdefault(talk.id, number)) != number:
                    self.note_failed_line(
                        number, f"id: “{talk.id}” is already used in line {first}"
                    )
                    continue
                yield number, talk

    def note_failed_line(self, number, reason):
        self.counts["failed"] += 1
        self.note_remark(number, reason, True)

    def note_remark(self, number, text, failed):
        self.report.append({"line": number, "text": text, "failed": failed})
        if failed or len(self.report) <= MAX_REMARKS_PRINTED:
            stream = self.stderr if failed else self.stdout
            stream.write(f"{self.file}, line {number}: {text}")
