"""All work that is due, done once: each job by itself, so that one failure stops no other.

Every job may run on several machines at a time and be cut off at any point: it takes up what it
finds and leaves the rest to the next tick.
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial

from django.db import connection

from alerts_app.digests import send_due_alerts
from alerts_app.retention import delete_old_alerts
from ingest_app.background import forget_files, take_up
from ingest_app.contradiction_checks import find_contradictions
from ingest_app.incoming import forget_old_pages
from recordings_app.audio.tasks import draw_missing_waveforms
from recordings_app.audio.uploads import clean_uploads
from recordings_app.decisions import grant_what_is_ready
from recordings_app.offers import end_seals
from recordings_app.reminders import remind_staff
from recordings_app.retention import anonymise_old_requests, delete_unconfirmed_requests
from search_app import changes
from search_app.counting import forget_old_counts
from search_app.room import catch_up
from sessions_app.comments import forget_rejected
from sessions_app.desk.checks import find_alike_organisations, find_alike_speakers
from sessions_app.recurring import regroup
from sessions_app.scheduled import publish_due
from site_app.accounts.retention import delete_ended_logins
from site_app.asked import forget_old_misses
from site_app.mail import forget_old_mail, release_orphans, send_due
from site_app.protection import forget_old_attempts
from site_app.sheet_storage import forget_previews
from site_app.statistics import refresh_statistics
from sma_archive import tasks
from speakers_app.pictures import make_missing_renditions

logger = logging.getLogger(__name__)

JOBS: dict[str, Callable[[], int]] = {
    "ask the worker for a sign of life": tasks.beat,
    "publish scheduled sessions": publish_due,
    "end seals of recordings": end_seals,
    "send links that waited for audio": grant_what_is_ready,
    "take up orphaned tasks": tasks.take_up_orphans,
    "go on with imports": take_up,
    "forget uploads of old imports": forget_files,
    "send alerts": send_due_alerts,
    "take up orphaned mail": release_orphans,
    "forget old mail": forget_old_mail,
    "look after uploads": clean_uploads,
    "draw missing waveforms": draw_missing_waveforms,
    "delete unconfirmed requests": delete_unconfirmed_requests,
    "remove names from old requests": anonymise_old_requests,
    "remind staff of requests": remind_staff,
    "delete old alerts": delete_old_alerts,
    "forget rejected comments": forget_rejected,
    "forget unconfirmed imports": forget_previews,
    "make missing pictures": make_missing_renditions,
    "forget old form attempts": forget_old_attempts,
    "delete ended logins": delete_ended_logins,
    "forget old pages to import": forget_old_pages,
    "forget old search counts": forget_old_counts,
    "forget old addresses asked for in vain": forget_old_misses,
    "bring the index up to date": catch_up,
    "group recurring advice": regroup,
    "find speakers that look alike": find_alike_speakers,
    "find organisations that look alike": find_alike_organisations,
    "find contradictions": find_contradictions,
    "prune the change log": changes.prune,
    "forget old task results": tasks.forget_results,
    "refresh the database's statistics": refresh_statistics,
    # Last, and not for long: a slow mail server must not hold up the rest.
    "send mail": partial(send_due, seconds=20),
}


def run(names: Iterable[str] = tuple(JOBS)) -> dict[str, int | Exception]:
    """Run the jobs of these names; return {name: number of things done, or its exception}."""
    done: dict[str, int | Exception] = {}
    for name in names:
        try:
            done[name] = JOBS[name]() or 0
        except Exception as error:
            logger.exception("tick: could not %s", name)
            done[name] = error
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
    return done
