"""Contradictions of the whole archive, looked for in the background as sessions change."""

import time
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from desk_app.models import CheckedRecord
from desk_app.worklists.findings import (
    replace_findings,
    run_timed_check,
    store_checked_record_states,
)
from sessions_app.models import Session
from speakers_app.models import Speaker

from .finder import CONTRADICTION_KINDS, SessionText, find_contradictions, unmistakable_names

CONTRADICTION_CHECK_NAME = "contradictions in texts"
SESSIONS_PER_BATCH = 200
MAX_SECONDS_PER_TICK = 4.0  # seconds per tick
RECHECK_INTERVAL = timedelta(days=30)  # by then, people named in a text may have a record


def sessions_to_check():
    """Return the sessions that no check has seen as they are now."""
    seen = CheckedRecord.objects.filter(
        check_name=CONTRADICTION_CHECK_NAME,
        key=OuterRef("pk"),
        state_of__gte=OuterRef("updated_at"),
        checked_at__gt=timezone.now() - RECHECK_INTERVAL,
    )
    return Session.objects.outside_bin().filter(~Exists(seen)).order_by("pk")


def check_changed_sessions() -> int:
    """Look at sessions that changed, for some seconds; return how many were looked at."""
    if not sessions_to_check().exists():
        return 0
    return run_timed_check(CONTRADICTION_CHECK_NAME, 0, _check_until_deadline)


def _check_until_deadline() -> int:
    known = unmistakable_names(Speaker.objects.order_by().values_list("given_name", "family_name"))
    looked, end = 0, time.monotonic() + MAX_SECONDS_PER_TICK
    while time.monotonic() < end:
        batch = list(
            sessions_to_check().prefetch_related(
                "recommendations", "appearances__speaker__aliases"
            )[:SESSIONS_PER_BATCH]
        )
        if not batch:
            break
        contradictions_by_session = {
            session.pk: list(find_contradictions(session_text_of(session), known))
            for session in batch
        }
        replace_findings(CONTRADICTION_KINDS, contradictions_by_session)
        store_checked_record_states(
            CONTRADICTION_CHECK_NAME, {session.pk: session.updated_at for session in batch}
        )
        looked += len(batch)
    return looked


def session_text_of(session: Session) -> SessionText:
    speakers = [appearance.speaker for appearance in session.appearances.all()]
    return SessionText(
        title=session.title,
        text=session.summary_text,
        first_day=session.held_on,
        last_day=session.ends_on,
        numbers=[recommendation.number for recommendation in session.recommendations.all()],
        names=[
            name
            for speaker in speakers
            for name in (speaker.name, *(alias.name for alias in speaker.aliases.all()))
        ],
    )
