"""The list of the tick's jobs; `jobs` runs them.

A job may run on several machines at the same time and may be interrupted anywhere: the next run
continues where it stopped.
"""

from collections.abc import Iterable
from functools import partial

from django.utils import timezone

from alerts_app.mail.digests import queue_digests_of_due_alerts
from alerts_app.retention import delete_old_alerts_and_results
from ingest_app.contradictions.background_check import check_changed_sessions
from ingest_app.import_worker import (
    fail_silent_command_runs,
    purge_uploaded_files,
    requeue_runs_without_worker,
)
from ingest_app.review.review_queue import purge_old_pages
from preservation_app import fixity
from recordings_app.audio.tasks import draw_missing_waveforms, measure_unmeasured_audio
from recordings_app.audio.uploads import attach_orphaned_uploads, purge_abandoned_uploads
from recordings_app.availability import end_seals
from recordings_app.requests.decisions import grant_approvals_with_audio
from recordings_app.requests.reminders import queue_reminder_to_staff
from recordings_app.requests.retention import (
    anonymise_old_requests,
    purge_unconfirmed_requests,
    remove_staff_names_from_access_log,
)
from search_app import change_log
from search_app.api import apply_pending_changes
from search_app.counting.rare_searches import purge_old_counts
from sessions_app.catalogue.recurring import update_groups
from sessions_app.editing.comments import purge_old_rejected_comments
from sessions_app.editing.scheduled import publish_due
from sessions_app.formats.bulk_files import rebuild_outdated_files
from sessions_app.formats.cards import purge_old_cards
from sessions_app.worklists.duplicate_people_check import (
    find_alike_organisations,
    find_alike_speakers,
)
from sessions_app.worklists.duplicate_sessions_check import compare_changed_sessions
from site_app.accounts.retention import delete_expired_login_sessions
from site_app.forms.kept_uploads import delete_kept_uploads
from site_app.forms.protection import purge_old_attempts
from site_app.mail import queue
from site_app.mail.queue import delete_old_finished_mail, requeue_orphaned_mail
from site_app.redirects.hit_counter import delete_old_missing_addresses
from site_app.spreadsheets.preview_storage import delete_old_previews
from site_app.sqlite_statistics import refresh_sqlite_statistics
from speakers_app.pictures import make_missing_renditions

from . import tasks
from .future_times import correct_future_times, undo_premature_releases
from .jobs import Job, Lane, Result, release_jobs, run_jobs

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600  # seconds
MAIL_SECONDS = 20  # of one run; then the queue is queried again
SLICE_SECONDS = 4  # of one step of a calculation
DIRECT_RUN_HOLDER = "run"  # holds every job while this process runs them directly


def _correct_times() -> int:
    return correct_future_times(timezone.now())


def purge_job(work, **more) -> Job:
    """Return the job that deletes what `work(now=)` finds old."""
    return Job(work, every=15 * MINUTE, goes_on=True, deletes_by_age=True, **more)


def urgent_job(work, every: float = 2, **more) -> Job:
    return Job(work, lane=Lane.URGENT, every=every, **more)


JOBS: dict[str, Job] = {
    "ask the worker for a sign of life": urgent_job(tasks.enqueue_heartbeat, MINUTE),
    "publish scheduled sessions": urgent_job(publish_due),
    "end seals of recordings": urgent_job(end_seals),
    "put back what a wrong clock published": urgent_job(undo_premature_releases, 10 * MINUTE),
    "send links that waited for audio": urgent_job(
        grant_approvals_with_audio, needs_sure_clock=True
    ),
    "take up orphaned tasks": urgent_job(tasks.requeue_orphans, 30),
    "go on with imports": urgent_job(requeue_runs_without_worker),
    "take up orphaned mail": urgent_job(requeue_orphaned_mail, 30, needs_sure_clock=True),
    "send alerts": Job(queue_digests_of_due_alerts, goes_on=True, needs_sure_clock=True),
    "remind staff of requests": Job(queue_reminder_to_staff, needs_sure_clock=True),
    "note imports that stopped": Job(fail_silent_command_runs, needs_sure_clock=True),
    "take up uploads": Job(attach_orphaned_uploads),
    "bring the index up to date": Job(apply_pending_changes, is_local=True),
    "draw missing waveforms": Job(draw_missing_waveforms, goes_on=True),
    "measure stored audio": Job(
        partial(measure_unmeasured_audio, seconds=SLICE_SECONDS), goes_on=True
    ),
    "make missing pictures": Job(make_missing_renditions, goes_on=True),
    "correct times that lie ahead": Job(
        _correct_times, every=10 * MINUTE, needs_latest_clock=True
    ),
    "group recurring advice": Job(partial(update_groups, seconds=SLICE_SECONDS), goes_on=True),
    "find speakers that look alike": Job(
        partial(find_alike_speakers, seconds=SLICE_SECONDS), every=5 * MINUTE, goes_on=True
    ),
    "find organisations that look alike": Job(
        partial(find_alike_organisations, seconds=SLICE_SECONDS), every=5 * MINUTE, goes_on=True
    ),
    "find sessions that look alike": Job(compare_changed_sessions, goes_on=True),
    "find contradictions": Job(check_changed_sessions, goes_on=True),
    "list stored files": Job(fixity.update_file_list, every=DAY, needs_sure_clock=True),
    "check stored files": Job(
        partial(fixity.check_due_files, seconds=SLICE_SECONDS),
        every=HOUR,
        goes_on=True,
        needs_sure_clock=True,
    ),
    "make files of the whole archive": Job(rebuild_outdated_files, needs_sure_clock=True),
    "delete old card images": Job(purge_old_cards, every=HOUR, is_local=True),
    "refresh the database's statistics": Job(refresh_sqlite_statistics, every=HOUR),
    "forget uploads of old imports": purge_job(purge_uploaded_files),
    "delete abandoned uploads": purge_job(purge_abandoned_uploads),
    "forget old mail": purge_job(delete_old_finished_mail),
    "delete unconfirmed requests": purge_job(purge_unconfirmed_requests),
    "remove names from old requests": purge_job(anonymise_old_requests),
    "remove names of staff from old accesses": purge_job(remove_staff_names_from_access_log),
    "delete old alerts": purge_job(delete_old_alerts_and_results),
    "forget rejected comments": purge_job(purge_old_rejected_comments),
    "forget unconfirmed imports": purge_job(delete_old_previews),
    "delete files of forms that were not saved": purge_job(delete_kept_uploads),
    "forget old form attempts": purge_job(purge_old_attempts),
    "delete ended logins": purge_job(delete_expired_login_sessions),
    "forget old pages to import": purge_job(purge_old_pages),
    "forget old search counts": purge_job(purge_old_counts),
    "forget old addresses asked for in vain": purge_job(delete_old_missing_addresses),
    "prune the change log": purge_job(change_log.delete_old_changes),
    "forget old task results": purge_job(tasks.purge_task_results),
    # Last, so that mail queued by the other jobs is sent in the same round.
    queue.TICK_JOB_NAME: Job(
        partial(queue.send_due_mail, seconds=MAIL_SECONDS),
        lane=Lane.MAIL,
        every=2,
        wanted=queue.has_due_mail,
    ),
}


def run_each_job_once(names: Iterable[str] = ()) -> dict[str, Result]:
    """Run the jobs with these names (all if none are given) in this process, each once.

    Returns {name: how much was done, its exception, or None if the clock forbids it now}.
    """
    try:
        return run_jobs(JOBS, names or JOBS, holder=DIRECT_RUN_HOLDER)
    finally:
        release_jobs(DIRECT_RUN_HOLDER)
