"""Acting on recording requests: one call for each thing that happens to one."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from site_app.mail import letter, queue, renders
from site_app.models import SiteSettings

from .models import Recording, RecordingRequest, RequestedRecording


@transaction.atomic
def submit_request(*, name, email, organisation, purpose, sessions) -> RecordingRequest:
    """Store a request for what `sessions` offer of recordings and queue the first mail.

    With REQUEST_CONFIRMATION that mail only asks the requester to confirm the address; without it
    the request is open at once.
    """
    request = RecordingRequest.objects.create(
        name=name,
        email=email,
        organisation=organisation,
        purpose=purpose,
        agreed_terms=SiteSettings.load().recording_terms,
    )
    RequestedRecording.objects.bulk_create(
        RequestedRecording(request=request, recording=recording)
        for recording in Recording.objects.requestable().filter(session__in=sessions)
    )
    if settings.REQUEST_CONFIRMATION:
        queue("request-confirm", request.email, request=request.pk)
    else:
        open_request(request)
    return request


@transaction.atomic
def open_request(request: RecordingRequest) -> bool:
    """Put a request into the staff queue and tell both sides; return False if it was there."""
    now = timezone.now()
    opened = RecordingRequest.objects.filter(
        pk=request.pk, status=RecordingRequest.Status.UNCONFIRMED
    ).update(status=RecordingRequest.Status.OPEN, confirmed_at=now)
    if not opened:
        return False
    queue("request-received", request.email, request=request.pk)
    queue("request-for-staff", SiteSettings.load().contact_email, request=request.pk)
    return True


@transaction.atomic
def note_decisions(request: RecordingRequest, user) -> None:
    """After staff saved decisions: note who and when, and close the request when all are made."""
    now = timezone.now()
    pending = RequestedRecording.Decision.PENDING
    rows = RequestedRecording.objects.filter(request=request)
    rows.exclude(decision=pending).filter(decided_at=None).update(decided_at=now, decided_by=user)
    rows.filter(decision=pending).update(decided_at=None, decided_by=None)
    if request.status != RecordingRequest.Status.UNCONFIRMED:
        request.status = (
            RecordingRequest.Status.OPEN
            if rows.filter(decision=pending).exists()
            else RecordingRequest.Status.DECIDED
        )
        request.save(update_fields=["status"])


def _request(about):
    return (
        RecordingRequest.objects.filter(pk=about["request"])
        .prefetch_related("requested_recordings__recording__session")
        .first()
    )


@renders("request-confirm")
def confirm_letter(about):
    request = _request(about)
    if request is None or request.status != RecordingRequest.Status.UNCONFIRMED:
        return None
    # Anybody's address can be typed into the form: this mail repeats nothing that was typed.
    return letter("request_confirm", confirm_url=request.confirm_url, reference=request.reference)


@renders("request-received")
def received_letter(about):
    request = _request(about)
    return request and letter("request_received", request=request)


@renders("request-for-staff")
def staff_letter(about):
    request = _request(about)
    return request and letter("request_for_staff", reply_to=request.email, request=request)
