"""Deletion of login data that are no longer needed."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone

from search_app.batch_deletion import delete_batch


def delete_expired_login_sessions(now: datetime | None = None) -> int:
    """Delete login sessions that have expired at `now`; return how many."""
    return delete_batch(Session.objects.filter(expire_date__lte=now or timezone.now()))
