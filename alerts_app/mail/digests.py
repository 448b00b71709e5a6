"""Finds new results for each alert, and queues the mail about them."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from alerts_app.models import Alert, AlertResult
from search_app.api import apply_pending_changes
from search_app.change_log import newest_change_id
from sessions_app.catalogue.list_kinds import LIST_KINDS_BY_NAME
from site_app.mail.queue import queue_message

logger = logging.getLogger(__name__)

MAX_ALERTS_PER_TICK = 500  # alerts processed in one tick


def queue_digests_of_due_alerts() -> int:
    """Queue a mail for each alert that is due and has something new; return how many.

    An alert is looked at when its last mail is a day (a week) ago and the archive has changed
    since the last look. Those that wait longest come first; the rest wait for the next tick.
    """
    now, change = timezone.now(), newest_change_id()
    due = Alert.objects.due_for_mail(now).exclude(seen_change=change).order_by("looked_at", "pk")
    due = list(due[:MAX_ALERTS_PER_TICK])
    if not due:
        return 0
    apply_pending_changes()
    fresh = {
        kind: _publication_times_of_new_records(
            kind, [alert for alert in due if alert.kind == kind]
        )
        for kind in LIST_KINDS_BY_NAME
    }
    sent, failure, without_news = 0, None, []
    for alert in due:
        try:
            keys = _check_usability_and_find_new_results(alert, fresh[alert.kind], now)
            if keys and _queue_digest_once(alert, keys, now, change):
                sent += 1
            elif not keys:
                without_news.append(alert.pk)
        except Exception as error:  # one alert must not stop the others
            logger.exception("alert %s could not be processed", alert.pk)
            failure = error
    Alert.objects.filter(pk__in=without_news).update(looked_at=now, seen_change=change)
    if failure:
        raise failure
    return sent


def _publication_times_of_new_records(kind: str, alerts: list[Alert]) -> dict[int, datetime]:
    """Return {key: when it became public} of all records that may be new to an alert."""
    if not alerts:
        return {}
    published = f"{LIST_KINDS_BY_NAME[kind].path_to_session}first_public_at"
    since = min(alert.new_results_since for alert in alerts)
    fresh = LIST_KINDS_BY_NAME[kind].published().filter(**{f"{published}__gte": since}).order_by()
    return dict(fresh.values_list("pk", published))


def _check_usability_and_find_new_results(
    alert: Alert, fresh: dict[int, datetime], now: datetime
) -> list[int]:
    """Return the keys of new results of an alert, the latest first."""
    asked = alert.alert_query()
    _store_usability_and_queue_mail(alert, asked.is_usable, now)
    since = alert.new_results_since
    recent = {key for key, at in fresh.items() if at >= since}
    if not recent or not asked.is_usable:
        return []
    news = [key for key in asked.keys_of_results_changed_since(since) if key in recent]
    if not news:
        return []
    mailed = set(alert.results.order_by().values_list("record_key", flat=True))
    return [key for key in news if key not in mailed]


@transaction.atomic
def _queue_digest_once(alert: Alert, keys: list[int], now: datetime, change: int) -> bool:
    """Record the results and queue the mail in one transaction; False if another process did."""
    run = alert.run + 1
    taken = Alert.objects.filter(pk=alert.pk, run=alert.run, status=Alert.Status.ACTIVE).update(
        run=run, mailed_at=now, looked_at=now, seen_change=change
    )
    if not taken:
        return False
    AlertResult.objects.bulk_create(
        AlertResult(alert=alert, record_key=key, run=run, chosen_at=now) for key in keys
    )
    queue_message("alert-digest", alert.email, language=alert.language, alert=alert.pk, run=run)
    return True


def _store_usability_and_queue_mail(alert: Alert, is_usable: bool, now: datetime) -> None:
    """Store since when a query is unusable, and notify its reader once."""
    if is_usable == (alert.unusable_since is None):
        return
    with transaction.atomic():
        noted = Alert.objects.filter(pk=alert.pk, unusable_since=alert.unusable_since).update(
            unusable_since=None if is_usable else now
        )
        if noted and not is_usable:
            queue_message("alert-unusable", alert.email, language=alert.language, alert=alert.pk)
