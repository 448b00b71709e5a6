"""The state of one requested recording, for the status page, the mails and the admin."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from recordings_app.models import Grant, RequestedRecording


class RequestState(models.TextChoices):
    PENDING = "pending", _("Waiting for a decision")
    WAITING = "waiting", _("Approved, waiting for the audio")
    RUNNING = "running", _("Ready to play")
    USED_UP = "used-up", _("All plays used")
    EXPIRED = "expired", _("Access has ended")
    REVOKED = "revoked", _("Access was revoked")
    APPROVED = "approved", _("Approved, sent by other means")  # from before the archive sent links
    DECLINED = "declined", _("Declined")
    REPEATED = "repeated", _("Already requested")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# States in which another request for the same recording would change nothing.
STATES_NOT_TO_REPEAT = (RequestState.PENDING, RequestState.WAITING, RequestState.RUNNING)


@dataclass(frozen=True)
class RecordingStatus:
    state: RequestState
    grant: Grant | None = None


def request_state_of(row: RequestedRecording) -> RecordingStatus:
    """Return the present state of a row; no query for one loaded `with_grants()`."""
    decision = RequestedRecording.Decision
    if row.decision != decision.APPROVED:
        return RecordingStatus(RequestState(row.decision))
    # Earlier grants belong to earlier decisions about the same row.
    grants = [grant for grant in row.grants.all() if grant.created_at >= row.decided_at]
    grant = max(grants, key=lambda grant: grant.pk, default=None)
    if grant is None:
        return RecordingStatus(RequestState.WAITING if row.granted_days else RequestState.APPROVED)
    if grant.revoked_at is not None:
        return RecordingStatus(RequestState.REVOKED, grant)
    if grant.is_expired:
        return RecordingStatus(RequestState.EXPIRED, grant)
    if not grant.plays_left:
        return RecordingStatus(RequestState.USED_UP, grant)
    return RecordingStatus(RequestState.RUNNING, grant)
