"""New requests: from the form to the staff's queue."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from recordings_app.models import Recording, RecordingRequest, RequestedRecording, RequestSettings
from site_app.mail.queue import queue_message
from site_app.models import SiteSettings
from site_app.text.languages import language_in_use

from .decisions import approve_requests
from .request_state import STATES_NOT_TO_REPEAT, request_state_of

Decision = RequestedRecording.Decision


def contact_address(sessions, site: SiteSettings) -> str:
    """Return whom to ask about the recordings of `sessions`: their own contact if they share one."""
    addresses = {session.recording_contact_email for session in sessions}
    own = addresses.pop() if len(addresses) == 1 else ""
    return own or site.contact_email


@transaction.atomic
def submit_request(*, name, email, organisation, purpose, sessions) -> RecordingRequest:
    """Store a request for the available recordings of `sessions` and queue the first mail.

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
        queue_message(
            "request-confirm", request.email, language=request.language, request=request.pk
        )
    else:
        confirm_request(request)
    return request


@transaction.atomic
def confirm_request(request: RecordingRequest) -> bool:
    """Put a request into the staff queue and notify both sides; return False if it was there.

    Only now is it proven that the address belongs to the requester. Repeated requests are marked as
    such, and recordings that are granted automatically are granted.
    """
    now = timezone.now()
    opened = RecordingRequest.objects.filter(
        pk=request.pk, status=RecordingRequest.Status.UNCONFIRMED
    ).update(status=RecordingRequest.Status.OPEN, confirmed_at=now)
    if not opened:
        return False
    request.refresh_from_db()
    rows = request.requested_recordings.select_related("recording")
    before = current_requests_by_recording(
        request.email, [row.recording_id for row in rows], besides=request
    )
    rows.filter(recording__in=before).update(decision=Decision.REPEATED, decided_at=now)
    queue_message("request-received", request.email, language=request.language, request=request.pk)
    new = rows.filter(decision=Decision.PENDING)
    if not new:
        RecordingRequest.objects.filter(pk=request.pk).update(
            status=RecordingRequest.Status.DECIDED
        )
        return True
    queue_message("request-for-staff", SiteSettings.load().contact_email, request=request.pk)
    if automatic := [row.pk for row in new if row.recording.access == Recording.Access.AUTOMATIC]:
        terms = RequestSettings.load()
        approve_requests(automatic, user=None, days=terms.days, plays=terms.plays)
    return True


def current_requests_by_recording(
    email: str, recordings, besides: RecordingRequest | None = None
) -> dict:
    """Return {recording id: row} of requests from this address that need not be repeated.

    They wait for a decision or for audio, or the recording can be played now. Only for a requester who
    has proven that the address is theirs.
    """
    rows = RequestedRecording.objects.filter(
        request__in=RecordingRequest.objects.of_address(email).confirmed(),
        recording__in=recordings,
    )
    if besides is not None:
        rows = rows.exclude(request=besides)
    requested = rows.with_grants().select_related("request", "recording__session")
    return {
        row.recording_id: row
        for row in requested
        if request_state_of(row).state in STATES_NOT_TO_REPEAT
    }


def mail_link_to_requests(email: str) -> None:
    """Mail the link to the page of their requests to an address that has any.

    This is checked when the mail is rendered: here the response time would reveal the result.
    """
    queue_message("request-link", email, language=language_in_use(), email=email)
