"""How one requested recording stands: one answer for the status page, the mails and the staff."""

from dataclasses import dataclass

from django.db import models

from .models import Grant, RequestedRecording


class State(models.TextChoices):
    PENDING = "pending", "Waiting for a decision"
    WAITING = "waiting", "Approved, waiting for the audio"
    RUNNING = "running", "Can be heard"
    USED_UP = "used-up", "All plays used"
    EXPIRED = "expired", "Access has ended"
    REVOKED = "revoked", "Access was taken back"
    APPROVED = "approved", "Approved, sent by other means"  # before there were links
    DECLINED = "declined", "Declined"
    REPEATED = "repeated", "Asked for before"
    WITHDRAWN = "withdrawn", "Withdrawn"


# In these a second request for the same recording would lead nowhere new.
UNDER_WAY = (State.PENDING, State.WAITING, State.RUNNING)


@dataclass(frozen=True)
class Standing:
    state: State
    grant: Grant | None = None


def standing_of(row: RequestedRecording) -> Standing:
    """Return how a row stands now; no query for one loaded `with_grants()`."""
    decision = RequestedRecording.Decision
    if row.decision != decision.APPROVED:
        return Standing(State(row.decision))
    # Earlier grants belong to earlier decisions about the same row.
    grants = [each for each in row.grants.all() if each.created_at >= row.decided_at]
    grant = max(grants, key=lambda each: each.pk, default=None)
    if grant is None:
        return Standing(State.WAITING if row.granted_days else State.APPROVED)
    if grant.revoked_at is not None:
        return Standing(State.REVOKED, grant)
    if grant.is_expired:
        return Standing(State.EXPIRED, grant)
    if not grant.plays_left:
        return Standing(State.USED_UP, grant)
    return Standing(State.RUNNING, grant)
