"""What was asked, decided and heard, as rows: for pages of the admin and as CSV."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone

from .models import AccessLog, Grant, RecordingRequest, RequestedRecording
from .standing import standing_of

REQUEST_COLUMNS = [
    "reference", "sent", "confirmed", "status", "name", "email", "organisation", "purpose",
    "session", "recording", "standing", "decided", "decided_by", "note", "days", "plays_allowed",
    "plays_used", "expires", "revoked",
]  # fmt: skip
RECORDING_COLUMNS = [
    "session", "recording", "requests", "approved", "declined", "pending", "plays", "bytes",
    "last_access",
]  # fmt: skip
GRANT_COLUMNS = [
    "grant", "reference", "session", "recording", "granted", "expires", "revoked",
    "plays_allowed", "plays_used", "bytes", "last_access",
]  # fmt: skip
SLICE = 500  # rows read at once


def moments(since: date | None, until: date | None) -> dict[str, datetime]:
    """Return the days as {"gte", "lt"} moments of the site's time zone; open ends are left out."""
    found = {}
    if since:
        found["gte"] = timezone.make_aware(datetime.combine(since, time.min))
    if until:
        found["lt"] = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
    return found


def _within(field: str, since, until) -> Q:
    return Q(**{f"{field}__{name}": at for name, at in moments(since, until).items()})


def request_rows(since: date | None, until: date | None) -> Iterator[dict[str, str]]:
    """Yield one row for each recording asked for in requests sent on these days."""
    rows = (
        RequestedRecording.objects.filter(_within("request__created_at", since, until))
        .select_related("request", "recording__session", "decided_by")
        .prefetch_related("grants")
        .order_by("request__created_at", "pk")
    )
    for row in rows.iterator(SLICE):
        request, standing = row.request, standing_of(row)
        grant = standing.grant
        yield {
            "reference": request.reference,
            "sent": _at(request.created_at),
            "confirmed": _at(request.confirmed_at),
            "status": request.get_status_display(),
            "name": request.name,
            "email": request.email,
            "organisation": request.organisation,
            "purpose": request.purpose,
            "session": row.recording.session.title,
            "recording": str(row.recording),
            "standing": standing.state.label,
            "decided": _at(row.decided_at),
            "decided_by": row.decided_by.get_username() if row.decided_by else "",
            "note": row.note,
            "days": str(row.granted_days or ""),
            "plays_allowed": str(grant.plays_allowed if grant else row.granted_plays or ""),
            "plays_used": str(grant.plays_used) if grant else "",
            "expires": _at(grant.expires_at) if grant else "",
            "revoked": _at(grant.revoked_at) if grant else "",
        }


def recording_rows(since: date | None, until: date | None) -> list[dict[str, str]]:
    """Return one row for each recording asked for or heard on these days, most heard first."""
    decision = RequestedRecording.Decision
    asked = (
        RequestedRecording.objects.filter(_within("request__created_at", since, until))
        .exclude(request__status=RecordingRequest.Status.UNCONFIRMED)
        .order_by()
        .values("recording")
        .annotate(
            requests=Count("pk"),
            approved=Count("pk", Q(decision=decision.APPROVED)),
            declined=Count("pk", Q(decision=decision.DECLINED)),
            pending=Count("pk", Q(decision=decision.PENDING)),
            title=F("recording__session__title"),
            number=F("recording__number"),
        )
    )
    heard = (
        AccessLog.objects.filter(_within("at", since, until))
        .order_by()
        .values("recording")
        .annotate(
            plays=Count("pk", Q(what=AccessLog.What.PLAY)),
            bytes=Sum("byte_count"),
            last_access=Max("at"),
            title=F("recording__session__title"),
            number=F("recording__number"),
        )
    )
    found: dict[int, dict] = {}
    for each in (*asked, *heard):
        found.setdefault(each["recording"], {}).update(each)
    rows = [
        {
            "session": each["title"],
            "recording": str(each["number"]),
            **{
                name: str(each.get(name) or 0)
                for name in ("requests", "approved", "declined", "pending", "plays", "bytes")
            },
            "last_access": _at(each.get("last_access")),
        }
        for each in found.values()
    ]
    return sorted(rows, key=lambda row: (-int(row["plays"]), row["session"], row["recording"]))


def grant_rows(since: date | None, until: date | None) -> Iterator[dict[str, str]]:
    """Yield one row for each grant given on these days; it names no person, only the reference."""
    grants = (
        Grant.objects.filter(_within("created_at", since, until))
        .select_related("requested__request", "requested__recording__session")
        .annotate(heard=Sum("accesses__byte_count"), last=Max("accesses__at"))
        .order_by("-created_at", "-pk")
    )
    for grant in grants.iterator(SLICE):
        yield {
            "grant": str(grant.pk),
            "reference": grant.requested.request.reference,
            "session": grant.requested.recording.session.title,
            "recording": str(grant.requested.recording.number),
            "granted": _at(grant.created_at),
            "expires": _at(grant.expires_at),
            "revoked": _at(grant.revoked_at),
            "plays_allowed": str(grant.plays_allowed),
            "plays_used": str(grant.plays_used),
            "bytes": str(grant.heard or 0),
            "last_access": _at(grant.last),
        }


def _at(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(" ", "seconds") if moment else ""
