"""Deletion and anonymisation of requests after their retention periods."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from recordings_app.models import (
    AccessLog,
    Grant,
    RecordingRequest,
    RequestedRecording,
    RequestSettings,
)
from site_app.models import MailMessage

UNCONFIRMED_REQUEST_RETENTION = timedelta(days=30)
MAX_REQUESTS_PER_CALL = 500  # the next tick processes the rest


@transaction.atomic
def purge_unconfirmed_requests(now: datetime | None = None) -> int:
    """Delete requests whose address nobody confirmed within 30 days; return how many."""
    old = RecordingRequest.objects.filter(
        status=RecordingRequest.Status.UNCONFIRMED,
        created_at__lt=(now or timezone.now()) - UNCONFIRMED_REQUEST_RETENTION,
    )
    return delete_requests_and_queued_mail(old)


def delete_requests_and_queued_mail(requests: QuerySet) -> int:
    keys = list(requests.order_by().values_list("pk", flat=True)[:MAX_REQUESTS_PER_CALL])
    delete_queued_request_mail(keys)
    RecordingRequest.objects.filter(pk__in=keys).delete()
    return len(keys)


def anonymise_old_requests(now: datetime | None = None) -> int:
    """Anonymise requests that ended long ago; return how many.

    A request has ended when all is decided, nothing waits for audio and no grant runs.
    """
    before = (now or timezone.now()) - timedelta(days=RequestSettings.load().kept_days)
    rows = RequestedRecording.objects
    late = rows.filter(decided_at__gte=before)
    running = Grant.objects.filter(revoked_at=None, expires_at__gte=before)
    ended = RecordingRequest.objects.filter(
        status=RecordingRequest.Status.DECIDED, anonymised_at=None, confirmed_at__lt=before
    )
    for excluded in (late, rows.waiting_for_audio(), rows.filter(grants__in=running)):
        ended = ended.exclude(pk__in=excluded.values("request"))
    return anonymise_requests(ended)


@transaction.atomic
def anonymise_requests(requests: QuerySet) -> int:
    """Remove names, addresses, purposes and notes; decisions and plays are kept for reports."""
    keys = list(requests.order_by().values_list("pk", flat=True)[:MAX_REQUESTS_PER_CALL])
    RequestedRecording.objects.filter(request__in=keys).update(note="")
    Grant.objects.filter(requested__request__in=keys).update(note="")
    delete_queued_request_mail(keys)
    return RecordingRequest.objects.filter(pk__in=keys).update(
        name="",
        email="",
        organisation="",
        purpose="",
        staff_note="",
        anonymised_at=timezone.now(),
    )


def remove_staff_names_from_access_log(now: datetime | None = None) -> int:
    """Remove the names of staff from accesses older than the retention of requests; return how many."""
    before = (now or timezone.now()) - timedelta(days=RequestSettings.load().kept_days)
    named = AccessLog.objects.filter(at__lt=before, grant=None).exclude(user_name="")
    keys = list(named.order_by().values_list("pk", flat=True)[:MAX_REQUESTS_PER_CALL])
    return AccessLog.objects.filter(pk__in=keys).update(user=None, user_name="")


def delete_queued_request_mail(requests: list[int]) -> None:
    """Delete queued mail about these requests, because it contains an address.

    A message that a worker is sending is left alone; afterwards there is nothing left to send.
    """
    about = MailMessage.objects.filter(kind__startswith="request-", about__request__in=requests)
    about.exclude(state=MailMessage.State.SENDING).delete()
