"""Maintenance of the task queue: heartbeat, tasks of dead workers, old results."""

from datetime import datetime, timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from search_app.batch_deletion import delete_batch

ORPHANED_TASK_AGE = timedelta(minutes=15)  # far longer than any task takes
RETENTION_TASK_RESULTS = timedelta(days=1)
MAX_HEARTBEAT_AGE = timedelta(minutes=3)  # three ticks


@task()
def heartbeat() -> None:
    """Do nothing: its execution shows that tick and worker are alive."""


def enqueue_heartbeat() -> int:
    """Enqueue a heartbeat task, unless the last one has not run yet."""
    if DBTaskResult.objects.filter(task_path=heartbeat.module_path, status="READY").exists():
        return 0
    heartbeat.enqueue()
    return 0


def requeue_orphans() -> int:
    """Queue again the tasks whose worker died over them; return how many.

    The library leaves them RUNNING for ever. Our tasks may run twice: they only wake queues.
    """
    orphans = DBTaskResult.objects.filter(
        status="RUNNING", started_at__lt=timezone.now() - ORPHANED_TASK_AGE
    )
    return orphans.update(status="READY", started_at=None)


def purge_task_results(now: datetime | None = None) -> int:
    """Delete the results of tasks that ended a day ago; return how many."""
    old = DBTaskResult.objects.filter(
        finished_at__lt=(now or timezone.now()) - RETENTION_TASK_RESULTS
    )
    return delete_batch(old)


def heartbeat_problem() -> str:
    """Return which of tick and worker has no heartbeat; empty if both have one."""
    beats = DBTaskResult.objects.filter(task_path=heartbeat.module_path).order_by()
    recently = timezone.now() - MAX_HEARTBEAT_AGE
    if beats.filter(finished_at__gt=recently, status="SUCCESSFUL").exists():
        return ""
    waiting = beats.filter(status="READY").exists()
    return "no sign of the worker" if waiting else "no sign of the tick"
