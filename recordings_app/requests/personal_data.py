"""Personal data in requests, and their erasure."""

from django.utils import timezone

from recordings_app.models import AccessLog, Grant, RecordingRequest, RequestedRecording
from site_app.personal_data import register_personal_data

from .request_state import request_state_of
from .retention import anonymise_requests, delete_requests_and_queued_mail


def export_requests(email: str) -> list[dict]:
    rows = RequestedRecording.objects.with_grant_sittings().select_related("recording__session")
    requests = RecordingRequest.objects.of_address(email).order_by("created_at")
    return [
        {
            **{
                name: getattr(request, name)
                for name in (
                    "reference",
                    "created_at",
                    "confirmed_at",
                    "status",
                    "name",
                    "email",
                    "organisation",
                    "purpose",
                    "agreed_terms",
                    "staff_note",
                )
            },
            "recordings": [_exported_row(row) for row in rows.filter(request=request)],
        }
        for request in requests
    ]


def _exported_row(row: RequestedRecording) -> dict:
    return {
        "recording": row.recording.label,
        "standing": request_state_of(row).state.label,
        "decided_at": row.decided_at,
        "note": row.note,
        "grants": [
            {
                "created_at": grant.created_at,
                "expires_at": grant.expires_at,
                "revoked_at": grant.revoked_at,
                "plays_allowed": grant.plays_allowed,
                "plays_used": grant.plays_used,
                "note": grant.note,
                "played_at": [sitting.started_at for sitting in grant.sittings.all()],
                "accesses": list(grant.accesses.values("at", "what", "byte_count")),
            }
            for grant in row.grants.all()
        ],
    }


def erase_requests(email: str) -> int:
    """End valid access and remove the names; delete requests without a grant."""
    requests = RecordingRequest.objects.of_address(email)
    grants = Grant.objects.filter(requested__request__in=requests)
    grants.in_force().update(revoked_at=timezone.now())
    heard = set(grants.values_list("requested__request", flat=True))
    erased = 0
    while found := delete_requests_and_queued_mail(requests.exclude(pk__in=heard)):
        erased += found
    kept = RecordingRequest.objects.filter(pk__in=heard)
    RequestedRecording.objects.filter(request__in=kept, decision="pending").update(
        decision=RequestedRecording.Decision.WITHDRAWN, decided_at=timezone.now()
    )
    kept.update(status=RecordingRequest.Status.DECIDED)
    while found := anonymise_requests(kept.filter(anonymised_at=None)):
        erased += found
    return erased


def export_staff_accesses(email: str) -> list[dict]:
    """Return the accesses of staff with this address to non-public content."""
    accesses = AccessLog.objects.filter(user__email__iexact=email)
    return [
        {
            "at": access.at,
            "recording": access.recording.label,
            "what": access.get_what_display(),
            "by": access.by,
            "byte_count": access.byte_count,
        }
        for access in accesses.select_related("recording__session").order_by("at", "pk")
    ]


def erase_staff_accesses(email: str) -> int:
    """Remove the name; the access by staff remains recorded."""
    accesses = AccessLog.objects.filter(user__email__iexact=email)
    return accesses.update(user=None, user_name="")


register_personal_data("recording requests", export_requests, erase_requests)
register_personal_data("recordings heard as staff", export_staff_accesses, erase_staff_accesses)
