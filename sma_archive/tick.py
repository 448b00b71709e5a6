"""All work that is due, done once: each job by itself, so that one failure stops no other."""

import logging
from collections.abc import Callable

from django.utils import timezone

from recordings_app.retention import delete_unconfirmed_requests
from search_app import changes
from search_app.room import catch_up
from sessions_app.changes import record_sessions
from sessions_app.models import Session
from site_app.mail import release_orphans, send_due
from site_app.protection import forget_old_attempts

logger = logging.getLogger(__name__)


def publish_scheduled() -> int:
    """Let sessions whose time has come appear: note the moment, tell the index; return how many."""
    due = Session.objects.published().filter(first_public_at=None)
    keys = list(due.values_list("pk", flat=True))
    Session.objects.filter(pk__in=keys).update(first_public_at=timezone.now())
    record_sessions(keys)
    return len(keys)


JOBS: dict[str, Callable[[], int]] = {
    "publish scheduled sessions": publish_scheduled,
    "take up orphaned mail": release_orphans,
    "send mail": send_due,
    "delete unconfirmed requests": delete_unconfirmed_requests,
    "forget old form attempts": forget_old_attempts,
    "bring the index up to date": catch_up,
    "prune the change log": changes.prune,
}


def run() -> dict[str, int | Exception]:
    """Run every job; return {job: number of things done, or the exception that ended it}."""
    done: dict[str, int | Exception] = {}
    for name, job in JOBS.items():
        try:
            done[name] = job() or 0
        except Exception as error:
            logger.exception("tick: could not %s", name)
            done[name] = error
    return done
