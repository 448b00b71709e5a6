"""Corrects stored times in the future that were written by a wrong clock.

An event that has happened cannot have a time in the future. Such a time delays work (an alert "checked"
next week), repeats it (an approval "decided" after its link was created) or shows what is still sealed.
All time fields count as times of past events, except those in `FIELDS_THAT_MAY_LIE_AHEAD`.
"""

from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession
from django.db import models, transaction
from django.db.models import F
from django_tasks_db.models import DBTaskResult

from recordings_app.availability import restore_premature_seals
from recordings_app.models import Grant
from sessions_app.editing.scheduled import undo_premature_publication
from sessions_app.indexing.change_signals import touch_sessions
from sessions_app.models import Session
from site_app.mail.queue import MAX_RETRY_DELAY
from site_app.models import MailMessage

MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)  # the clocks of two machines differ by less than this
FIELDS_THAT_MAY_LIE_AHEAD = {
    "sessions_app.Session": {"held_on", "ends_on", "published_at", "first_public_at"},
    "recordings_app.Recording": {"sealed_until"},
    "recordings_app.Grant": {"expires_at"},
    "preservation_app.FileCheck": {"modified_at"},  # the modification time of the file
    "site_app.MailMessage": {"next_attempt_at"},
    "site_app.JobState": {"next_at", "late_at", "held_until"},
    # The clock's own records, which must keep earlier readings.
    "site_app.ClockReading": {
        "read_at",
        "trusted_at",
        "highest_trusted_at",
        "doubted_since",
        "first_look_at",
        "next_look_at",
    },
}


def undo_premature_releases() -> int:
    """Reset records that a wrong clock made public too early; return how many.

    Nothing is lost by it, should this clock be the wrong one: the next tick does it again.
    """
    return undo_premature_publication() + restore_premature_seals()


@transaction.atomic
def correct_future_times(now: datetime) -> int:
    """Set stored times of past events to `now` if they are in the future; return how many.

    To be called with a clock that is known to be right.
    """
    limit = now + MAX_CLOCK_DIFFERENCE
    # A grant for a number of days is valid for that many days from now.
    grants = Grant.objects.filter(created_at__gt=limit)
    count = _update_rows(grants, expires_at=F("expires_at") - (F("created_at") - now))
    touched = list(Session.objects.filter(updated_at__gt=limit).values_list("pk", flat=True))
    for model, name, is_date in past_fields():
        ahead = model._base_manager.filter(**{f"{name}__gt": limit.date() if is_date else limit})
        count += _update_rows(ahead, **{name: now.date() if is_date else now})
    count += _update_rows(
        MailMessage.objects.filter(next_attempt_at__gt=limit + MAX_RETRY_DELAY),
        next_attempt_at=now,
    )
    lasting = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    count += _update_rows(
        BrowserSession.objects.filter(expire_date__gt=limit + lasting), expire_date=now + lasting
    )
    for name in ("enqueued_at", "started_at", "finished_at"):
        count += _update_rows(DBTaskResult.objects.filter(**{f"{name}__gt": limit}), **{name: now})
    if touched:
        touch_sessions(touched)
    return count


def _update_rows(rows, **values) -> int:
    return rows.update(**values) if rows.exists() else 0


def past_fields() -> list[tuple[type[models.Model], str, bool]]:
    """Return (model, field, whether it is a date) for all times of past events."""
    return [
        (model, field.name, not isinstance(field, models.DateTimeField))
        for model in apps.get_models()
        if model._meta.app_label in settings.OWN_APPS and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.DateField)
        and field.name not in FIELDS_THAT_MAY_LIE_AHEAD.get(model._meta.label, ())
    ]
