"""Import saved pages of the old site (text, HTML or MHTML) from files or folders."""

import json
import sys
from collections import Counter
from pathlib import Path

from django.core.management.base import CommandError
from django.db import DatabaseError
from tqdm import tqdm

from ingest_app.matching.matcher import Matcher
from ingest_app.matching.scoped_matcher import known_names
from ingest_app.models import ImportRun
from ingest_app.pages.page_parser import PageRecord, read_page_record
from ingest_app.pages.page_text import NotAPageError
from ingest_app.pages.page_writer import WriteOutcome, write_page
from ingest_app.pages.uploads import PAGE_SUFFIXES, max_page_bytes
from ingest_app.runs.dry_runs import rolled_back_if_dry
from ingest_app.runs.provenance import recording_provenance
from ingest_app.runs.run_records import (
    begin_run,
    end_run,
    run_summary,
    store_page_item,
    store_refused_item,
    update_heartbeat,
)
from search_app.updating.record_changing_command import RecordChangingCommand
from sessions_app.models import Session
from sessions_app.worklists.duplicate_sessions import possible_duplicate_sessions


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--publish", action="store_true", help="publish new sessions")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="report what would happen without storing anything",
        )
        parser.add_argument("--report", type=Path, metavar="FILE.json")

    def handle(self, *args, paths, publish, dry_run, report, **options):
        if report and not report.parent.is_dir():
            raise CommandError(f"--report: the folder {report.parent} does not exist.")
        files = page_files_in(paths)
        counts, entries, came_in = Counter(), [], []
        pages: dict[str, Path] = {}  # by name without suffix, which identifies a page
        matcher = Matcher.from_database(stores=not dry_run)
        # Of a dry run: the result of importing a page a second time.
        tried: dict[str, WriteOutcome] = {}
        known = known_names()
        names = ", ".join(path.name for path in paths)
        run = None if dry_run else begin_run(ImportRun.Kind.PAGES, names, publish=publish)
        for path in tqdm(files, unit=" pages", disable=not sys.stderr.isatty()):
            try:
                with path.open("rb") as file:
                    # One byte more than the limit, so that the parser rejects the page.
                    content = file.read(max_page_bytes(path.name) + 1)
                came_in.append(path)
                record = read_page_record(content, known)
                if not (first := pages.setdefault(path.stem, path)).samefile(path):
                    raise NotAPageError(f"page:{path.stem} has already been read from {first}.")
            except (NotAPageError, OSError) as error:
                counts["failed"] += 1
                is_missing = isinstance(error, FileNotFoundError)
                reason = "The file does not exist." if is_missing else str(error)
                self.report_refused_file(entries, path, reason)
                if run:
                    store_refused_item(run, path.name, reason)
                continue
            entry = record.as_report(path.name)
            entries.append(entry)
            try:
                ref = f"page:{path.stem}"
                with rolled_back_if_dry(stores=not dry_run), recording_provenance(run):
                    outcome = tried.get(path.stem) or write_page(
                        record, ref, matcher, publish=publish
                    )
                    if outcome.status == "created":
                        outcome.doubts += similar_session_remarks(record, outcome.session)
                    if run:
                        store_page_item(run, path.name, record, ref, outcome)
                        update_heartbeat(run)
            except (DatabaseError, ValueError) as error:
                counts["failed"] += 1
                entry["error"] = f"{type(error).__name__}: {error}"
                self.stderr.write(f"{path}: {entry['error']}")
                if run:
                    store_refused_item(run, path.name, entry["error"])
                matcher.undo_learned()  # the records created for this page are rolled back
                continue
            matcher.commit_learned()
            if dry_run:  # a file named twice is unchanged the second time
                remarks = outcome.remarks if outcome.status == "unchanged" else []
                tried[path.stem] = WriteOutcome("unchanged", remarks=remarks)
            counts[outcome.status] += 1
            entry["status"] = outcome.status
            entry["remarks"] += outcome.remarks
            entry["doubts"] = outcome.doubts
            for doubt in outcome.doubts:
                self.stdout.write(f"{path.name}: doubt: {doubt}")
        if report:
            report.write_text(
                json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        if run:
            end_run(run, came_in, counts, entries)
        self.stdout.write(run_summary(counts) + ("; nothing stored" if dry_run else ""))
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} of {len(files)} pages failed.")

    def report_refused_file(self, entries, path, reason):
        entries.append({"file": path.name, "error": reason})
        self.stderr.write(f"{path}: {reason}")


def similar_session_remarks(record: PageRecord, session: Session) -> list[str]:
    """Return remarks on sessions similar to a new one; a worklist offers to merge them."""
    similar = possible_duplicate_sessions(record.title, record.date, besides=session.pk)
    return [f"Looks like “{other}”: {reason}." for other, reason in similar]


def page_files_in(paths: list[Path]) -> list[Path]:
    """Return the files in argument order, folders sorted; missing files keep their position."""
    files = []
    for path in paths:
        if path.is_dir():
            files += sorted(
                file for file in path.iterdir() if file.suffix.lower() in PAGE_SUFFIXES
            )
        else:
            files.append(path)
    return files
