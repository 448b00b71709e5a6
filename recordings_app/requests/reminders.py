"""Remind staff of requests that have been open too long."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recordings_app.models import RecordingRequest, RequestSettings
from site_app.mail.queue import queue_message
from site_app.models import SiteSettings

REMINDER_INTERVAL = timedelta(days=1)
MAX_REQUESTS_LISTED = 100


@transaction.atomic
def queue_reminder_to_staff() -> int:
    """Queue one mail a day at most about open requests older than the settings allow."""
    now = timezone.now()
    days = RequestSettings.load().reminder_days
    if not days:
        return 0
    late = RecordingRequest.objects.filter(
        status=RecordingRequest.Status.OPEN, confirmed_at__lt=now - timedelta(days=days)
    ).order_by("confirmed_at", "pk")
    keys = list(late.values_list("pk", flat=True)[:MAX_REQUESTS_LISTED])
    if not keys:
        return 0
    RequestSettings.objects.get_or_create(pk=1)
    # Several machines may run this at once; only one of them changes the row.
    is_due = Q(reminded_at=None) | Q(reminded_at__lt=now - REMINDER_INTERVAL)
    if not RequestSettings.objects.filter(is_due, pk=1).update(reminded_at=now):
        return 0
    queue_message("requests-waiting", SiteSettings.load().contact_email, requests=keys)
    return 1
