"""Imports and rollbacks as background work, in slices between the worker's other tasks.

A slice lasts some seconds and asks for the next one itself, so that mail and the sign of life of
the worker come in between (docs/decisions/0002). What is done is stored together with how far it
is: after a killed process the next slice continues after the last step.
"""

import logging
import time
from collections import Counter
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from ingest_app.models import ImportRun
from ingest_app.wordpress.importing import WordpressImport, store_proposed_rules
from ingest_app.wordpress.inventory import survey_export
from ingest_app.wordpress.media import MediaError, MediaZip
from ingest_app.wordpress.piece_scanner import NotAnExportError
from ingest_app.wordpress.report import cut_off_report_entry
from site_app.permissions import may_publish
from site_app.sqlite_statistics import refresh_sqlite_statistics

from .runs import rollback

logger = logging.getLogger(__name__)

MAX_SLICE_SECONDS = 15  # seconds
WORKER_LEASE = timedelta(minutes=3)  # a run not updated for this long has lost its worker
# A command that recorded nothing for this long has ended.
MAX_COMMAND_SILENCE = timedelta(minutes=15)
RETENTION_UPLOADED_FILES = timedelta(days=30)
MAX_PURGED_RUNS = 20  # runs whose files are deleted in one call
UNFINISHED_STATES = (ImportRun.State.WAITING, ImportRun.State.RUNNING, ImportRun.State.TAKING_BACK)
# For the run that this process is working on, between slices.
_open_imports: dict[int, WordpressImport] = {}


class _RunStoppedError(Exception):
    """The run was cancelled, or another worker is processing it."""


@task()
def go_on_with_import(run: int) -> None:
    """Work on a run for one slice; a task may run twice or never, the run's row decides."""
    if run_slice(run):
        go_on_with_import.enqueue(run)


def enqueue_run_on_commit(run: ImportRun) -> None:
    """Ask the worker to begin as soon as the transaction is over; if that fails the tick will."""
    transaction.on_commit(lambda: _enqueue_slice(run.pk))


def _enqueue_slice(key):
    try:
        go_on_with_import.enqueue(key)
    except Exception:
        logger.exception("could not enqueue the next slice of import %s", key)


def _runs_without_worker():
    """Unfinished runs without a worker, except those of commands, whose files are not stored."""
    free = Q(taken_at=None) | Q(taken_at__lt=timezone.now() - WORKER_LEASE)
    return ImportRun.objects.filter(free, state__in=UNFINISHED_STATES).exclude(
        ~Q(state=ImportRun.State.TAKING_BACK), file=""
    )


def requeue_runs_without_worker() -> int:
    """Enqueue a slice of each unfinished run without a worker; return how many."""
    waiting = DBTaskResult.objects.filter(task_path=go_on_with_import.module_path, status="READY")
    if waiting.exists():
        return 0  # between two slices; a second task would not make it faster
    keys = list(_runs_without_worker().values_list("pk", flat=True))
    for key in keys:
        _enqueue_slice(key)
    return len(keys)


def fail_silent_command_runs() -> int:
    """Mark command runs without a sign of life for long as failed; return how many."""
    silent = ImportRun.objects.filter(
        state=ImportRun.State.RUNNING, file="", taken_at__lt=timezone.now() - MAX_COMMAND_SILENCE
    )
    return silent.update(
        state=ImportRun.State.FAILED,
        error="The command ended early; what was imported stays. Run it again.",
        finished_at=timezone.now(),
    )


def cancel_run(run: ImportRun) -> bool:
    """Stop a run before its next step; return whether it was running. Imported records stay."""
    going = ImportRun.objects.exclude(file="").filter(
        pk=run.pk, state__in=(ImportRun.State.WAITING, ImportRun.State.RUNNING)
    )
    return bool(going.update(state=ImportRun.State.CANCELLED, finished_at=timezone.now()))


def purge_uploaded_files(now: datetime | None = None) -> int:
    """Delete uploads of runs that ended long ago, which contain personal data. Return how many."""
    ended = ImportRun.objects.exclude(state__in=UNFINISHED_STATES).exclude(file="", media_file="")
    count = 0
    now = now or timezone.now()
    for run in ended.filter(finished_at__lt=now - RETENTION_UPLOADED_FILES)[:MAX_PURGED_RUNS]:
        # A dry run and the run that followed may use the same upload.
        for name in ("file", "media_file"):
            stored = getattr(run, name)
            if not stored:
                continue
            others = ImportRun.objects.filter(**{name: stored.name}).exclude(pk=run.pk)
            if not others.exists():
                stored.storage.delete(stored.name)
            setattr(run, name, "")
        run.save(update_fields=["file", "media_file"])
        count += 1
    return count


def run_slice(key: int, seconds: float = MAX_SLICE_SECONDS) -> bool:
    """Work on a run for this many seconds; return whether there is more to do."""
    if not _runs_without_worker().filter(pk=key).update(taken_at=timezone.now()):
        return False
    run = ImportRun.objects.select_related("started_by").get(pk=key)
    try:
        if run.state == ImportRun.State.TAKING_BACK:
            is_finished = rollback.continue_rollback(run, seconds)
            end_state = ImportRun.State.TAKEN_BACK
        else:
            is_finished = _import_slice(run, seconds)
            end_state = ImportRun.State.DONE
    except _RunStoppedError:
        _close_imports(key)
        return False
    except OperationalError:
        _close_imports(key)
        raise  # the database is busy or unavailable for a moment; the tick resumes the run
    except Exception as error:
        is_foreseen = isinstance(error, (NotAnExportError, MediaError))
        if not is_foreseen:
            logger.exception("import %s failed", key)
        _close_imports(key)
        reason = str(error) if is_foreseen else f"{type(error).__name__}: {error}"
        _end_run(run, ImportRun.State.FAILED, error=reason)
        return False
    if is_finished:
        _close_imports(key)
        _end_run(run, end_state)
        return False
    ImportRun.objects.filter(pk=key).update(taken_at=None)
    return True


def _end_run(run, state, **values):
    ImportRun.objects.filter(pk=run.pk, state__in=UNFINISHED_STATES).update(
        state=state, finished_at=timezone.now(), taken_at=None, **values
    )
    if not run.is_dry:
        refresh_sqlite_statistics()


def _import_slice(run, seconds):
    deadline = time.monotonic() + seconds
    importing = _resume_import(run)
    counts = Counter(run.counts)
    for step in importing.steps(run.position):
        with transaction.atomic():
            item = importing.run_step(step)
            if item is not None:
                item.run = run
                item.save()
                counts[str(item.status)] += 1
                counts["doubtful"] += item.is_doubtful
            is_over = time.monotonic() > deadline
            if item is not None or is_over or step.record is None:
                _save_progress_or_stop(run, step.position, counts)
        importing.position = step.position
        if is_over:
            return False
    return True


def _save_progress_or_stop(run, position, counts):
    """Write how far the run is, in the transaction of the step.

    Stops if the run was cancelled, or if another worker went on with it because this one seemed
    dead: the step is rolled back then.
    """
    going = ImportRun.objects.filter(
        pk=run.pk, state=ImportRun.State.RUNNING, position=run.position
    )
    if not going.update(position=position, counts=dict(counts), taken_at=timezone.now()):
        raise _RunStoppedError
    run.position = position


def _resume_import(run):
    """Return the import of a run as this process knows it, at the run's position."""
    importing = _open_imports.get(run.pk)
    if importing is not None and importing.position == run.position:
        return importing
    _close_imports(*_open_imports)
    file = run.file.open("rb")
    inventory = survey_export(file)
    media = None
    if run.media_file:
        packed = run.media_file.open("rb")
        media = MediaZip(packed)
    with transaction.atomic():
        store_proposed_rules(inventory)
        changed = ImportRun.objects.filter(pk=run.pk, state__in=UNFINISHED_STATES).update(
            state=ImportRun.State.RUNNING,
            length=2 * run.file.size,
            options=run.options | cut_off_report_entry(inventory),
        )
        if not changed:
            raise _RunStoppedError
    importing = WordpressImport(
        file,
        inventory,
        media,
        # Check again: the permission may have been revoked since the upload.
        publish=bool(run.options.get("publish")) and may_publish(run.acting_user),
        stores=not run.is_dry,
        run=run,
    )
    if run.is_dry and run.position:
        # Only repeating the steps of a dry run shows what it would have created.
        for step in importing.steps():
            if step.position > run.position:
                break
            importing.run_step(step)
    importing.position = run.position
    _open_imports[run.pk] = importing
    return importing


def _close_imports(*keys):
    for key in keys:
        if (importing := _open_imports.pop(key, None)) is not None:
            importing.file.close()
            importing.media.close()
