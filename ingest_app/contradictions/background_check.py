"""Contradictions of the whole archive, looked for in the background as sessions change."""

import time
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from desk_app.models import CheckedRecord
from desk_app.worklists.findings import keep_findings, note_checked, timed_run
from sessions_app.models import Session
from speakers_app.models import Speaker

from .finder import NAMES, SessionText, contradictions, names_known

CHECK = "contradictions in texts"
BATCH = 200
MAX_SECONDS = 4.0  # seconds per tick
AGAIN_AFTER = timedelta(days=30)  # by then, people named in a text may have a record


def contradictions_due():
    """Return the sessions that no check has seen as they are now."""
    seen = CheckedRecord.objects.filter(
        check_name=CHECK,
        key=OuterRef("pk"),
        state_of__gte=OuterRef("updated_at"),
        checked_at__gt=timezone.now() - AGAIN_AFTER,
    )
    return Session.objects.outside_bin().filter(~Exists(seen)).order_by("pk")


def find_contradictions() -> int:
    """Look at sessions that changed, for some seconds; return how many were looked at."""
    if not contradictions_due().exists():
        return 0
    return timed_run(CHECK, 0, _check_batch)


def _check_batch() -> int:
    known = names_known(Speaker.objects.order_by().values_list("given_name", "family_name"))
    looked, end = 0, time.monotonic() + MAX_SECONDS
    while time.monotonic() < end:
        batch = list(
            contradictions_due().prefetch_related(
                "recommendations", "appearances__speaker__aliases"
            )[:BATCH]
        )
        if not batch:
            break
        contradictions_by_session = {
            session.pk: list(contradictions(text_of_session(session), known)) for session in batch
        }
        keep_findings(NAMES, contradictions_by_session)
        note_checked(CHECK, {session.pk: session.updated_at for session in batch})
        looked += len(batch)
    return looked


def text_of_session(session: Session) -> SessionText:
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
