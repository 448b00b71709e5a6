"""Liveness and readiness checks for monitoring."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from preservation_app import fixity
from preservation_app.backup import restoring
from search_app.api import index_status
from site_app.http import refusals
from site_app.models import JobState
from sma_archive.background import clock, tasks

ALIVE_RESPONSE_BODY = b'{"status": "ok"}'
MIN_FREE_BYTES = 100 * 1024 * 1024  # bytes; with less, uploads and the index are about to fail


class NotReadyError(Exception):
    """Problems, in words suitable for a public response."""


@require_safe
@never_cache
def healthz(request):
    """Answer while the process is alive, independently of everything else.

    The gateway gives the same answer without Django, or it would wait behind pages.
    """
    return HttpResponse(ALIVE_RESPONSE_BODY, content_type="application/json")


def check_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if has_pending_migrations():
        raise NotReadyError("migrations have not been applied")


def has_pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def check_index():
    if not index_status()["ready"]:
        raise NotReadyError("the search index is being built")


def check_storage():
    if restoring.is_restore_unfinished():
        raise NotReadyError("a restore was broken off; run it again")
    if settings.INDEX_DIR is not None:
        check_folder(Path(settings.INDEX_DIR))
    for storage in (storages["default"], storages["private"]):
        if isinstance(storage, FileSystemStorage):
            check_folder(Path(storage.location))
        else:
            storage.exists("readyz")  # queries the bucket; any answer shows that it is available


def check_folder(folder):
    """Write a file like an upload, because a read-only or full disk fails only then."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"writable")
        file.flush()
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        raise NotReadyError("the disk is nearly full")


def check_queue():
    if problem := tasks.heartbeat_problem():
        raise NotReadyError(problem)
    if late := job_names(late_jobs().filter(keeps_people_waiting=True)):
        raise NotReadyError(f"late: {late}")


def late_jobs():
    return JobState.objects.filter(late_at__lt=timezone.now())


def job_names(jobs) -> str:
    return ", ".join(jobs.order_by("name").values_list("name", flat=True))


def readiness_notes() -> list[str]:
    """Return problems that do not affect readiness; none if the database is unavailable."""
    problems = []
    with suppress(DatabaseError):
        if clock.doubtful_readings().exists():
            problems.append("the clock was set by more than a day; nothing final is done for now")
        if count := fixity.problem_files().count():
            problems.append(f"stored files that are damaged, missing or belong to nobody: {count}")
        if late := job_names(late_jobs().filter(keeps_people_waiting=False)):
            problems.append(f"late: {late}")
    return problems


CHECKS = {
    "database": check_database,
    "index": check_index,
    "storage": check_storage,
    "queue": check_queue,
}


@require_safe
@never_cache
def readyz(request):
    """Answer {"ready": bool, "checks": {name: "ok" or the problem}, "notes": [sentence]}.

    The status is 503 when not ready. The notes are about problems that do not affect readers.
    """
    results = {name: check_result(check) for name, check in CHECKS.items()}
    ready = set(results.values()) == {"ok"}
    answer = {"ready": ready, "checks": results, "notes": readiness_notes()}
    if ready:
        return JsonResponse(answer)
    return refusals.logged_refusal(JsonResponse(answer, status=503), refusals.ARCHIVE_NOT_READY)


def check_result(check) -> str:
    """Return "ok" or the failure; for unexpected errors only the type, as their text may be private."""
    try:
        check()
    except NotReadyError as error:
        return str(error)
    except Exception as error:
        return type(error).__name__
    return "ok"
