"""Decisions on requested recordings and their effects: one function for each staff action.

Each call locks the rows it changes and skips those that somebody else has decided in the meantime;
mail is queued in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from recordings_app.models import Grant, RecordingRequest, RequestedRecording, RequestSettings
from site_app.mail.queue import queue_message

from .request_state import RequestState, request_state_of

Decision = RequestedRecording.Decision
STATES_THAT_CAN_BE_APPROVED = (
    RequestState.PENDING,
    RequestState.DECLINED,
    RequestState.EXPIRED,
    RequestState.USED_UP,
    RequestState.REVOKED,
    RequestState.APPROVED,
)
STATES_THAT_CAN_BE_DECLINED = (RequestState.PENDING, RequestState.WAITING)


@dataclass(frozen=True)
class DecisionOutcome:
    """The result of a call: rows decided, rows whose link is being sent, rows skipped."""

    decided: int
    granted: int
    passed_over: int

    @property
    def waiting(self):
        return self.decided - self.granted


@transaction.atomic
def approve_requests(
    keys: Iterable[int], *, user, days: int, plays: int, note: str = ""
) -> DecisionOutcome:
    """Approve requested recordings for a number of days and plays each.

    The link is mailed at once if the audio can be played; otherwise `grant_approvals_with_audio`
    sends it later. `user` None is the automatic approval.
    """
    rows, passed_over = _lock_rows_in_states(keys, STATES_THAT_CAN_BE_APPROVED)
    now = timezone.now()
    Grant.objects.filter(requested__in=rows, revoked_at=None, expires_at__gt=now).update(
        expires_at=now  # ends earlier grants, which the new one replaces
    )
    RequestedRecording.objects.filter(pk__in=[row.pk for row in rows]).update(
        decision=Decision.APPROVED,
        note=note,
        decided_at=now,
        decided_by=user,
        granted_days=days,
        granted_plays=plays,
    )
    grants = _create_grants(rows, user)
    granted = {grant.requested_id for grant in grants}
    _queue_grant_mails("request-approved", grants)
    for request, its in _grouped_by_request(row for row in rows if row.pk not in granted):
        queue_request_mail(request, "request-waiting", rows=[row.pk for row in its])
    _close_decided_requests(rows)
    return DecisionOutcome(len(rows), len(grants), passed_over)


@transaction.atomic
def decline_requests(keys: Iterable[int], *, user, note: str = "") -> DecisionOutcome:
    rows, passed_over = _lock_rows_in_states(keys, STATES_THAT_CAN_BE_DECLINED)
    RequestedRecording.objects.filter(pk__in=[row.pk for row in rows]).update(
        decision=Decision.DECLINED, note=note, decided_at=timezone.now(), decided_by=user
    )
    for request, its in _grouped_by_request(rows):
        queue_request_mail(request, "request-declined", rows=[row.pk for row in its])
    _close_decided_requests(rows)
    return DecisionOutcome(len(rows), 0, passed_over)


@transaction.atomic
def withdraw_requests(keys: Iterable[int]) -> int:
    """Withdraw requests for the requester; return how many were undecided."""
    rows, _ = _lock_rows_in_states(keys, (RequestState.PENDING,))
    RequestedRecording.objects.filter(pk__in=[row.pk for row in rows]).update(
        decision=Decision.WITHDRAWN, decided_at=timezone.now(), decided_by=None
    )
    _close_decided_requests(rows)
    return len(rows)


@transaction.atomic
def revoke_grant(grant: Grant, *, user) -> bool:
    """End a grant now; return False if it had ended already."""
    now = timezone.now()
    ended = Grant.objects.in_force().filter(pk=grant.pk).update(revoked_at=now, revoked_by=user)
    if ended:
        _queue_grant_mails("request-revoked", [_reload_grant_with_request(grant)])
    return bool(ended)


@transaction.atomic
def extend_grant(grant: Grant, *, days: int, plays: int) -> bool:
    """Add days, from now if it has expired, and plays; the link does not change.

    Returns False if the grant was revoked, or the requester's address was deleted.
    """
    alive = Grant.objects.filter(revoked_at=None, requested__request__anonymised_at=None)
    locked = alive.select_for_update(of=("self",)).filter(pk=grant.pk).first()
    if locked is None:
        return False
    locked.expires_at = max(locked.expires_at, timezone.now()) + timedelta(days=days)
    locked.plays_allowed += plays
    locked.save(update_fields=["expires_at", "plays_allowed"])
    _queue_grant_mails("request-extended", [_reload_grant_with_request(grant)])
    return True


@transaction.atomic
def resend_grant_link(grant: Grant) -> bool:
    """Mail the link of a grant in force once more; it is the same link."""
    if not Grant.objects.in_force().filter(pk=grant.pk).exists():
        return False
    _queue_grant_mails("request-approved", [_reload_grant_with_request(grant)], copies=False)
    return True


def grant_approvals_with_audio() -> int:
    """Send the links of approvals whose audio is now available; return how many."""
    keys = list(RequestedRecording.objects.approved_and_playable().values_list("pk", flat=True))
    granted = 0
    for key in keys:
        with transaction.atomic():
            rows, _ = _lock_rows_in_states([key], (RequestState.WAITING,))
            grants = _create_grants(rows, rows[0].decided_by if rows else None)
            _queue_grant_mails("request-approved", grants)
            granted += len(grants)
    return granted


def queue_request_mail(
    request: RecordingRequest, kind: str, *, copies: bool = True, **about
) -> None:
    """Queue a mail about a request to the requester, and a copy without links to the team."""
    queue_message(kind, request.email, language=request.language, request=request.pk, **about)
    team = RequestSettings.load().team_copy
    if copies and team:
        queue_message(kind, team, request=request.pk, to_team=True, **about)


def _lock_rows_in_states(keys, states) -> tuple[list[RequestedRecording], int]:
    """Return the rows of these keys that are in one of `states`, locked, and how many do not."""
    keys = set(keys)
    locked = RequestedRecording.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    held = list(locked.values_list("pk", flat=True))
    rows = (
        RequestedRecording.objects.filter(
            pk__in=held,
            request__status__in=(RecordingRequest.Status.OPEN, RecordingRequest.Status.DECIDED),
            request__anonymised_at=None,
        )
        .with_grants()
        .select_related("request", "decided_by", "recording__session")
    )
    fitting = [row for row in rows if request_state_of(row).state in states]
    return fitting, len(keys) - len(fitting)


def _create_grants(rows: list[RequestedRecording], user) -> list[Grant]:
    """Create the grants of approved rows that can be played now."""
    audible = RequestedRecording.objects.playable_with_grant().filter(
        pk__in=[row.pk for row in rows]
    )
    grants = []
    for row in audible.select_related("request"):
        expires_at = timezone.now() + timedelta(days=row.granted_days)
        grants.append(
            Grant.objects.create(
                requested=row,
                expires_at=expires_at,
                plays_allowed=row.granted_plays,
                note=row.note,
                created_by=user,
            )
        )
    return grants


def _reload_grant_with_request(grant: Grant) -> Grant:
    return Grant.objects.select_related("requested__request").get(pk=grant.pk)


def _queue_grant_mails(kind: str, grants: Iterable[Grant], copies: bool = True) -> None:
    by_request = defaultdict(list)
    for grant in grants:
        by_request[grant.requested.request].append(grant.pk)
    for request, keys in by_request.items():
        queue_request_mail(request, kind, copies=copies, grants=keys)


def _grouped_by_request(rows: Iterable[RequestedRecording]):
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.request].append(row)
    return grouped.items()


def _close_decided_requests(rows: Iterable[RequestedRecording]) -> None:
    """Close requests of which every recording is decided."""
    requests = RecordingRequest.objects.filter(
        pk__in={row.request_id for row in rows}, status=RecordingRequest.Status.OPEN
    )
    undecided = RequestedRecording.objects.filter(decision=Decision.PENDING)
    requests.exclude(pk__in=undecided.values("request")).update(
        status=RecordingRequest.Status.DECIDED
    )
