"""What is kept no longer than it serves."""

from datetime import timedelta

from django.utils import timezone

from .models import RecordingRequest

UNCONFIRMED_KEPT = timedelta(days=30)


def delete_unconfirmed_requests() -> int:
    """Delete requests whose address nobody confirmed within 30 days; return how many."""
    old = RecordingRequest.objects.filter(
        status=RecordingRequest.Status.UNCONFIRMED,
        created_at__lt=timezone.now() - UNCONFIRMED_KEPT,
    )
    count = old.count()
    old.delete()
    return count
