"""Scheduled sessions, once their time has come."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sessions_app.indexing.change_signals import touch_sessions
from sessions_app.models import Session
from sessions_app.models.sessions import UNRECORDED_PUBLICATION_CONDITION


def publish_due() -> int:
    """Record sessions that became public by schedule, and update the index; return how many.

    Pages show them from the moment itself, `published()` sees to that; search and feeds learn it
    here. What was public before and got a later time is one of them: whatever is noted changes it.
    """
    due = Session.objects.published().filter(UNRECORDED_PUBLICATION_CONDITION).order_by()
    if not due.exists():  # runs every two seconds: it must not lock without need
        return 0
    with transaction.atomic():
        keys = list(due.select_for_update().values_list("pk", flat=True))
        never_public = Session.objects.filter(pk__in=keys, first_public_at=None)
        never_public.update(first_public_at=F("published_at"))
        touch_sessions(keys)
    return len(keys)


def undo_premature_publication() -> int:
    """Clear publication times that are in the future; return how many.

    A clock that was wrong for a moment said so. `publish_due` does it again when the time comes.
    """
    ahead = Session.objects.filter(first_public_at__gt=timezone.now()).order_by()
    if not ahead.exists():
        return 0
    with transaction.atomic():
        keys = list(ahead.select_for_update().values_list("pk", flat=True))
        Session.objects.filter(pk__in=keys).update(first_public_at=None)
        touch_sessions(keys)
    return len(keys)
