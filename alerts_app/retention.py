"""What is kept no longer than it serves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from search_app.batch_deletion import delete_batch
from site_app.models import MailMessage

from .models import Alert, AlertResult

RETENTION_OF_UNCONFIRMED_ALERTS = timedelta(days=30)
RETENTION_OF_UNUSABLE_ALERTS = timedelta(days=30)  # a topic deleted by mistake may be restored
# Stored without address or note, so that its links can still say that it is stopped.
RETENTION_OF_STOPPED_ALERTS = timedelta(days=30)

MAX_ALERTS_PURGED_PER_CALL = 1000  # the next tick processes the rest


def delete_queued_alert_mail(alerts: Iterable[int]) -> None:
    """Delete queued mail about these alerts, because it contains the address.

    A message that a worker is sending is left alone; afterwards there is nothing left to send.
    """
    about = MailMessage.objects.filter(kind__startswith="alert-", about__alert__in=list(alerts))
    about.exclude(state=MailMessage.State.SENDING).delete()


@transaction.atomic
def delete_alerts_and_queued_mail(alerts: QuerySet) -> int:
    """Delete alerts with all that is known of their readers; return how many."""
    keys = list(alerts.order_by().values_list("pk", flat=True)[:MAX_ALERTS_PURGED_PER_CALL])
    delete_queued_alert_mail(keys)
    Alert.objects.filter(pk__in=keys).delete()
    return len(keys)


def delete_old_alerts_and_results(now: datetime | None = None) -> int:
    """Delete alerts never confirmed, unusable or stopped for long; return how many.

    Lists of what was mailed go as soon as no run can find it again.
    """
    now = now or timezone.now()
    old = Alert.objects.filter(
        Q(status=Alert.Status.UNCONFIRMED, asked_at__lt=now - RETENTION_OF_UNCONFIRMED_ALERTS)
        | Q(stopped_at__lt=now - RETENTION_OF_STOPPED_ALERTS)
        | Q(unusable_since__lt=now - RETENTION_OF_UNUSABLE_ALERTS)
    )
    forgotten = delete_batch(
        AlertResult.objects.filter(AlertResult.no_longer_findable_condition(now))
    )
    return delete_alerts_and_queued_mail(old) + forgotten
