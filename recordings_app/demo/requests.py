"""Invented requests for the recordings of the demonstration, one of each kind staff meet."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sessions_app.demo.store import IMPORT_REF_PREFIX
from site_app.models import SiteSettings

from ..models import AccessLog, Grant, Recording, RecordingRequest, RequestedRecording, Sitting

REFERENCE_PREFIX = "R-DEMAND"  # a random reference begins like this once in some hundred million
Decision = RequestedRecording.Decision
REQUESTER_ADA = ("Ada Amsel", "ada.amsel@reader.example", "Reading Room for Ports")
REQUESTER_BEN = ("Ben Birke", "ben.birke@reader.example", "")
REQUESTER_CLEO = ("Cleo Calder", "cleo.calder@reader.example", "Institute of Invented Studies")
# Days ago, requester, purpose, number of recordings, decision, note about the decision.
DEMO_REQUESTS = [
    (6, REQUESTER_BEN, "A podcast about the series.", 1, Decision.DECLINED,
     "The recordings are not for publication. You are welcome to hear them for your own work."),
    (4, REQUESTER_ADA, "A study of how ports recover; I quote no speaker by name.", 1, Decision.APPROVED, ""),
    (2, REQUESTER_CLEO, "A seminar on deterrence, six students.", 1, Decision.APPROVED,
     "One person at a time, please."),
    (1, REQUESTER_ADA, "The second part of the same study.", 2, Decision.PENDING, ""),
    (0, REQUESTER_CLEO, "A thesis on sanctions. I need the discussion above all.", 3, Decision.PENDING, ""),
]  # fmt: skip


@transaction.atomic
def add_demo_requests() -> int:
    """Store the requests unless they exist; nothing is mailed. Returns how many were created."""
    if RecordingRequest.objects.filter(reference__startswith=REFERENCE_PREFIX).exists():
        return 0
    recordings = Recording.objects.requestable().filter(
        session__import_ref__startswith=IMPORT_REF_PREFIX
    )
    heard = list(recordings.exclude(file="").order_by("pk")[:1])
    announced = list(recordings.filter(file="").order_by("pk")[:8])
    if len(announced) < 8:
        return 0
    choice = iter(announced)
    for place, (days, person, purpose, count, decision, note) in enumerate(DEMO_REQUESTS, start=2):
        request = _store_request(place, days, person, purpose, decision)
        is_heard = person is REQUESTER_ADA and decision == Decision.APPROVED and heard
        asked = heard if is_heard else [next(choice) for _ in range(count)]
        for recording in asked:
            row = _store_requested_recording(request, recording, decision, note)
            if is_heard:
                _store_grant_and_play(row)
    return len(DEMO_REQUESTS)


def remove_demo_requests() -> int:
    return (
        RecordingRequest.objects.filter(reference__startswith=REFERENCE_PREFIX)
        .delete()[1]
        .get(RecordingRequest._meta.label, 0)
    )


def _store_request(place, days, person, purpose, decision):
    name, email, organisation = person
    sent = timezone.now() - timedelta(days=days, hours=2)
    is_pending = decision == Decision.PENDING
    return RecordingRequest.objects.create(
        reference=f"{REFERENCE_PREFIX}{place}{place}",
        name=name,
        email=email,
        organisation=organisation,
        purpose=purpose,
        agreed_terms=SiteSettings.load().recording_terms,
        status=RecordingRequest.Status.OPEN if is_pending else RecordingRequest.Status.DECIDED,
        created_at=sent,
        confirmed_at=sent + timedelta(minutes=4),
    )


def _store_requested_recording(request, recording, decision, note):
    is_approved = decision == Decision.APPROVED
    is_pending = decision == Decision.PENDING
    return RequestedRecording.objects.create(
        request=request,
        recording=recording,
        decision=decision,
        note=note,
        decided_at=None if is_pending else request.confirmed_at + timedelta(hours=1),
        granted_days=14 if is_approved else None,
        granted_plays=5 if is_approved else None,
    )


def _store_grant_and_play(row):
    grant = Grant.objects.create(
        requested=row,
        created_at=row.decided_at,
        expires_at=row.decided_at + timedelta(days=14),
        plays_allowed=5,
        plays_used=2,
    )
    for day in (1, 2):
        at = row.decided_at + timedelta(days=day)
        sitting = Sitting.objects.create(
            grant=grant, started_at=at, key_hash=f"demo-{row.pk}-{day}"
        )
        AccessLog.objects.create(
            at=at, recording=row.recording, grant=grant, sitting=sitting, what=AccessLog.What.PLAY
        )
