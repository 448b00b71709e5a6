"""What is kept no longer than it serves."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from .models import Alert, AlertResult

UNCONFIRMED_KEPT = timedelta(days=30)
UNUSABLE_KEPT = timedelta(days=30)  # a topic deleted by mistake may come back
STOPPED_KEPT = timedelta(days=30)  # without address or note; its links say that it is stopped


def delete_old_alerts() -> int:
    """Delete alerts never confirmed, unusable or stopped for long; return how many.

    Lists of what was mailed go as soon as no run can find it again.
    """
    now = timezone.now()
    old = Alert.objects.filter(
        Q(status=Alert.Status.UNCONFIRMED, asked_at__lt=now - UNCONFIRMED_KEPT)
        | Q(stopped_at__lt=now - STOPPED_KEPT)
        | Q(unusable_since__lt=now - UNUSABLE_KEPT)
    )
    count = old.count()
    old.delete()
    AlertResult.objects.filter(AlertResult.forgettable()).delete()
    return count
