"""What is kept of log-ins is deleted when it is of no use."""

from django.contrib.sessions.models import Session
from django.utils import timezone


def delete_ended_logins() -> int:
    """Delete sessions that have ended; return how many."""
    return Session.objects.filter(expire_date__lte=timezone.now()).delete()[0]
