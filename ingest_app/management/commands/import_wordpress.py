"""Import a WordPress export (WXR). Mapping rules in the admin define what posts become."""

import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from ingest_app.models import ImportRun, RunItem
from ingest_app.runs.run_records import sha256_of_files
from ingest_app.wordpress.importing import WordpressImport, store_proposed_rules
from ingest_app.wordpress.inventory import survey_export
from ingest_app.wordpress.media import MediaFolder
from ingest_app.wordpress.piece_scanner import NotAnExportError
from ingest_app.wordpress.post_writer import CREATE_SECOND, LEAVE_EXISTING, UPDATE_EXISTING
from ingest_app.wordpress.report import ITEM_STATUS_NAMES, cut_off_report_entry, mapping_report
from search_app.updating.record_changing_command import RecordChangingCommand
from site_app.sqlite_statistics import refresh_sqlite_statistics

PROGRESS_INTERVAL = timedelta(seconds=5)


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="EXPORT.xml")
        parser.add_argument(
            "--media", type=Path, metavar="DIR", help="a copy of the site's wp-content/uploads"
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            help="publish new sessions that were public on the old site",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="read, compare and report without storing anything",
        )
        parser.add_argument(
            "--here-already",
            choices=(LEAVE_EXISTING, UPDATE_EXISTING, CREATE_SECOND),
            default=LEAVE_EXISTING,
            help="what to do with a post if a session from another source has the same title and "
            "date: leave the post out (and list it), update the session, or create a second one",
        )
        parser.add_argument("--report", type=Path, metavar="FILE.json")

    def handle(self, *args, file, media, publish, dry_run, report, here_already, **options):
        if not file.is_file():
            raise CommandError(f"{file} does not exist.")
        if media and not media.is_dir():
            raise CommandError(f"--media: the folder {media} does not exist.")
        if report and not report.parent.is_dir():
            raise CommandError(f"--report: the folder {report.parent} does not exist.")
        self.file, self.counts = file, Counter()
        run = None
        try:
            with file.open("rb") as content:
                inventory = survey_export(content)
                if not dry_run:
                    store_proposed_rules(inventory)
                    run = ImportRun.objects.create(
                        kind="wordpress",
                        source_name=file.name[:300],
                        source_sha256=sha256_of_files([file]),
                        options={
                            "publish": publish,
                            "dry_run": False,
                            "here_already": {"": here_already},
                            **cut_off_report_entry(inventory),
                        },
                        state=ImportRun.State.RUNNING,
                        length=2 * file.stat().st_size,
                        taken_at=timezone.now(),
                    )
                importing = WordpressImport(
                    content,
                    inventory,
                    MediaFolder(media) if media else None,
                    publish=publish,
                    stores=not dry_run,
                    run=run,
                    here_already={"": here_already},
                )
                self.run_import_steps(importing, run, report, inventory)
        except NotAnExportError as error:
            self.end_run(run, ImportRun.State.FAILED, str(error))
            raise CommandError(f"{file}: {error}") from error
        except BaseException as error:
            self.end_run(run, ImportRun.State.FAILED, f"{type(error).__name__}: {error}")
            raise
        self.end_run(run, ImportRun.State.DONE)
        words = ", ".join(f"{self.counts[status]} {status}" for status in ITEM_STATUS_NAMES)
        self.stdout.write(
            f"{words}; {self.counts['doubtful']} doubtful"
            + ("; nothing stored" if dry_run else f"; run {run.pk}")
        )
        if cut := cut_off_report_entry(inventory).get("cut_off"):
            self.stderr.write(f"{file}: {cut}")
        if self.counts["refused"]:
            raise CommandError(f"{self.counts['refused']} items were refused.")

    def run_import_steps(self, importing, run, report, found):
        stream = report.open("w", encoding="utf-8") if report else None
        try:
            if stream:
                stream.write(
                    '{"mapping": ' + json.dumps(mapping_report(found), ensure_ascii=False)
                )
                stream.write(',\n"items": [')
            with tqdm(
                total=2 * importing.length,
                unit="B",
                unit_scale=True,
                disable=not sys.stderr.isatty(),
            ) as bar:
                is_first = True
                for step in importing.steps():
                    item = importing.run_step(step)
                    bar.update(step.position - bar.n)
                    if item is None:
                        continue
                    self.count_item(item)
                    if stream:
                        stream.write("\n" if is_first else ",\n")
                        json.dump(item.as_report(), stream, ensure_ascii=False)
                        is_first = False
                    if run:
                        item.run = run
                        item.save()
                        self.save_progress(run, step.position)
            if stream:
                stream.write('\n],\n"counts": ' + json.dumps(self.counts) + "}\n")
        finally:
            if stream:
                stream.close()

    def save_progress(self, run, position):
        """Store the progress now and then, so that the admin shows that the import is running."""
        if (now := timezone.now()) - run.taken_at > PROGRESS_INTERVAL:
            run.taken_at, run.position, run.counts = now, position, dict(self.counts)
            run.save(update_fields=["taken_at", "position", "counts"])

    def count_item(self, item):
        self.counts[str(item.status)] += 1
        self.counts["doubtful"] += item.is_doubtful
        if item.status == RunItem.Status.REFUSED:
            what = f"{item.ref} {item.title}".strip()
            self.stderr.write(
                f"{self.file}, line {item.line}: {what and what + ': '}{'; '.join(item.remarks)}"
            )

    def end_run(self, run, state, error=""):
        if run is None:
            return
        run.state, run.error, run.counts = state, error, dict(self.counts)
        run.finished_at, run.taken_at, run.position = timezone.now(), None, run.length
        run.save()
        refresh_sqlite_statistics()
