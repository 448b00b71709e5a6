"""Asking for an alert, confirming, changing and stopping it: one call for each."""

from django.db import transaction
from django.utils import timezone

from alerts_app.alert_query import AlertQuery
from alerts_app.models import Alert
from alerts_app.retention import delete_queued_alert_mail
from site_app.mail.queue import queue_message
from site_app.text.languages import language_in_use


@transaction.atomic
def store_and_mail_alert_request(
    *, email: str, asked: AlertQuery, note: str, frequency: str
) -> Alert:
    """Store an alert and queue the mail that asks to confirm it.

    A repeated request creates no second alert: an unconfirmed one takes the new values, and a confirmed
    one does not change, because anyone can enter the address. Either way a mail is sent.
    """
    typed = {"note": note, "frequency": frequency, "language": language_in_use()}
    alert, is_new = Alert.objects.get_or_create(
        email=email,
        kind=asked.kind.name,
        query=asked.canonical_query_string,
        defaults=typed,
    )
    if not is_new:
        now = timezone.now()
        Alert.objects.filter(pk=alert.pk, status=Alert.Status.UNCONFIRMED).update(
            **typed, asked_at=now, looked_at=now
        )
    known = alert.status == Alert.Status.ACTIVE
    queue_message(
        "alert-known" if known else "alert-confirm",
        alert.email,
        language=language_in_use(),
        alert=alert.pk,
    )
    return alert


def confirm_alert(alert: Alert) -> None:
    Alert.objects.filter(pk=alert.pk, status=Alert.Status.UNCONFIRMED).update(
        status=Alert.Status.ACTIVE, confirmed_at=timezone.now()
    )


def another_alert_has_query(alert: Alert, asked: AlertQuery) -> bool:
    """Return whether another alert of the same address has the requested query."""
    others = Alert.objects.filter(email=alert.email).exclude(pk=alert.pk)
    return others.filter(kind=asked.kind.name, query=asked.canonical_query_string).exists()


def change_confirmed_alert(alert: Alert, *, asked: AlertQuery, note: str, frequency: str) -> None:
    """Change a confirmed alert. A new query applies from now on.

    Raises IntegrityError if another alert of the same address has that query in the meantime.
    """
    values = {"note": note, "frequency": frequency}
    if (asked.kind.name, asked.canonical_query_string) != (
        alert.kind,
        alert.alert_query().canonical_query_string,
    ):
        now = timezone.now()
        values |= {
            "kind": asked.kind.name,
            "query": asked.canonical_query_string,
            "unusable_since": None,
        }
        values |= {"asked_at": now, "looked_at": now, "seen_change": 0}
    with transaction.atomic():
        Alert.objects.filter(pk=alert.pk, status=Alert.Status.ACTIVE).update(**values)


@transaction.atomic
def stop_alert(alert: Alert) -> None:
    """End an alert and forget whose it was; its links still say that it is stopped."""
    Alert.objects.filter(pk=alert.pk).exclude(status=Alert.Status.STOPPED).update(
        status=Alert.Status.STOPPED, stopped_at=timezone.now(), email="", note=""
    )
    alert.results.all().delete()
    delete_queued_alert_mail([alert.pk])
    alert.refresh_from_db()
