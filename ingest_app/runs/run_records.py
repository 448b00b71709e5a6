"""Provenance: one row per import and item with the result."""

import hashlib
from collections import Counter
from pathlib import Path

from django.utils import timezone

from ingest_app.models import ImportRun, RunItem
from ingest_app.pages.page_parser import PageRecord
from ingest_app.pages.page_writer import WriteOutcome

MAX_REPORT_ENTRIES = 2000  # entries of a report stored in the database


def sha256_of_files(paths: list[Path]) -> str:
    """Return the SHA-256 of the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


ITEM_STATUS_OF_OUTCOME = {
    "created": RunItem.Status.CREATED,
    "updated": RunItem.Status.CHANGED,
    "unchanged": RunItem.Status.UNCHANGED,
}


def store_page_item(
    run: ImportRun, name: str, record: PageRecord, ref: str, outcome: WriteOutcome
) -> RunItem:
    """Store the outcome of one page, with its reasons and its session."""
    return RunItem.objects.create(
        run=run,
        ref=ref[:250],
        title=record.title[:300],
        status=ITEM_STATUS_OF_OUTCOME[outcome.status],
        doubts=outcome.doubts,
        remarks=[*([name] if name else []), *record.remarks, *outcome.remarks],
        is_doubtful=bool(outcome.doubts or record.guesses),
        address=outcome.session.get_absolute_url() if outcome.session else "",
    )


def store_refused_item(run: ImportRun, name: str, reason: str) -> RunItem:
    """Keep that a file was refused, and why."""
    return RunItem.objects.create(
        run=run, title=name[:300], status=RunItem.Status.REFUSED, remarks=[reason]
    )


def begin_run(kind: str, source_name: str, **options) -> ImportRun:
    """Return the run of a command, which is going on from now."""
    now = timezone.now()
    return ImportRun.objects.create(
        kind=kind,
        source_name=source_name[:300],
        options=options,
        state=ImportRun.State.RUNNING,
        started_at=now,
        taken_at=now,
    )


def update_heartbeat(run: ImportRun) -> None:
    """Note that the command is still at work, in the transaction of a step."""
    ImportRun.objects.filter(pk=run.pk).update(taken_at=timezone.now())


def end_run(run: ImportRun, paths: list[Path], counts: Counter, report: list) -> None:
    run.state, run.taken_at, run.finished_at = ImportRun.State.DONE, None, timezone.now()
    run.source_sha256 = sha256_of_files(paths)
    run.counts, run.report = dict(counts), report[:MAX_REPORT_ENTRIES]
    run.save()


def store_finished_run(
    kind, source_name, paths, counts: Counter, report: list, started_at
) -> ImportRun:
    return ImportRun.objects.create(
        kind=kind,
        source_name=source_name[:300],
        source_sha256=sha256_of_files(paths),
        counts=dict(counts),
        report=report[:MAX_REPORT_ENTRIES],
        started_at=started_at,
        finished_at=timezone.now(),
    )


def run_summary(counts: Counter) -> str:
    """Return the last line of an import: "12 created, 0 updated, 3 unchanged, 1 failed"."""
    return ", ".join(
        f"{counts[status]} {status}" for status in ("created", "updated", "unchanged", "failed")
    )
