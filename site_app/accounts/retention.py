"""What is kept of log-ins is deleted when it is of no use."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone

from search_app.batches import delete_batch


def delete_ended_logins(now: datetime | None = None) -> int:
    """Delete sessions that had ended at `now`; return how many."""
    return delete_batch(Session.objects.filter(expire_date__lte=now or timezone.now()))
