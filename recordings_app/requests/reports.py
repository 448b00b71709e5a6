"""Reports on requests, decisions and plays: rows for pages of the admin and CSV."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone

from recordings_app.models import AccessLog, Grant, RecordingRequest, RequestedRecording

from .request_state import request_state_of

REQUEST_COLUMNS = [
    "reference", "sent", "confirmed", "status", "name", "email", "organisation", "purpose",
    "session", "recording", "standing", "decided", "decided_by", "note", "days", "plays_allowed",
    "plays_used", "expires", "revoked",
]  # fmt: skip
RECORDING_COLUMNS = [
    "session",
    "recording",
    "requests",
    "approved",
    "declined",
    "pending",
    "plays",
    "bytes",
    "last_access",
]
GRANT_COLUMNS = [
    "grant",
    "reference",
    "session",
    "recording",
    "granted",
    "expires",
    "revoked",
    "plays_allowed",
    "plays_used",
    "bytes",
    "last_access",
]
ACCESS_COLUMNS = ["when", "session", "recording", "what", "by", "bytes"]
# Times as datetimes, numbers as numbers; None where there is no value.
ReportRow = dict[str, str | int | datetime | None]
SUMMED_COLUMNS = ("requests", "approved", "declined", "pending", "plays", "bytes")
ROWS_PER_QUERY = 500  # rows read at once


def period_lookups(since: date | None, until: date | None) -> dict[str, datetime]:
    """Return the days as {"gte", "lt"} moments of the site's time zone; open ends are left out."""
    found = {}
    if since:
        found["gte"] = timezone.make_aware(datetime.combine(since, time.min))
    if until:
        found["lt"] = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
    return found


def _period_condition(field: str, since, until) -> Q:
    return Q(**{f"{field}__{name}": at for name, at in period_lookups(since, until).items()})


def request_rows(since: date | None, until: date | None) -> Iterator[ReportRow]:
    """Yield one row per requested recording in requests sent on these days."""
    rows = (
        RequestedRecording.objects.filter(_period_condition("request__created_at", since, until))
        .select_related("request", "recording__session", "decided_by")
        .prefetch_related("grants")
        .order_by("request__created_at", "pk")
    )
    for row in rows.iterator(ROWS_PER_QUERY):
        request, standing = row.request, request_state_of(row)
        grant = standing.grant
        yield {
            "reference": request.reference,
            "sent": request.created_at,
            "confirmed": request.confirmed_at,
            "status": request.get_status_display(),
            "name": request.name,
            "email": request.email,
            "organisation": request.organisation,
            "purpose": request.purpose,
            "session": row.recording.session.title,
            "recording": str(row.recording),
            "standing": standing.state.label,
            "decided": row.decided_at,
            "decided_by": row.decided_by.get_username() if row.decided_by else "",
            "note": row.note,
            "days": row.granted_days,
            "plays_allowed": grant.plays_allowed if grant else row.granted_plays,
            "plays_used": grant.plays_used if grant else None,
            "expires": grant.expires_at if grant else None,
            "revoked": grant.revoked_at if grant else None,
        }


def recording_rows(since: date | None, until: date | None) -> list[ReportRow]:
    """Return one row per recording requested or played on these days, most played first."""
    decision = RequestedRecording.Decision
    asked = (
        RequestedRecording.objects.filter(_period_condition("request__created_at", since, until))
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
        AccessLog.objects.filter(_period_condition("at", since, until))
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
    rows_by_recording: dict[int, dict] = {}
    for row in (*asked, *heard):
        rows_by_recording.setdefault(row["recording"], {}).update(row)
    rows = [
        {
            "session": row["title"],
            "recording": row["number"],
            **{name: row.get(name) or 0 for name in SUMMED_COLUMNS},
            "last_access": row.get("last_access"),
        }
        for row in rows_by_recording.values()
    ]
    return sorted(rows, key=lambda row: (-row["plays"], row["session"], row["recording"]))


def grant_rows(since: date | None, until: date | None) -> Iterator[ReportRow]:
    """Yield one row per grant made on these days, with the reference instead of a name."""
    grants = (
        Grant.objects.filter(_period_condition("created_at", since, until))
        .select_related("requested__request", "requested__recording__session")
        .annotate(heard=Sum("accesses__byte_count"), last=Max("accesses__at"))
        .order_by("-created_at", "-pk")
    )
    for grant in grants.iterator(ROWS_PER_QUERY):
        yield {
            "grant": grant.pk,
            "reference": grant.requested.request.reference,
            "session": grant.requested.recording.session.title,
            "recording": grant.requested.recording.number,
            "granted": grant.created_at,
            "expires": grant.expires_at,
            "revoked": grant.revoked_at,
            "plays_allowed": grant.plays_allowed,
            "plays_used": grant.plays_used,
            "bytes": grant.heard or 0,
            "last_access": grant.last,
        }


def access_rows(since: date | None, until: date | None) -> Iterator[ReportRow]:
    """Yield one row for each access on these days; "by" is a reference, staff, or "anybody"."""
    accesses = (
        AccessLog.objects.filter(_period_condition("at", since, until))
        .select_related("grant__requested__request", "recording__session")
        .order_by("at", "pk")
    )
    for access in accesses.iterator(ROWS_PER_QUERY):
        yield {
            "when": access.at,
            "session": access.recording.session.title,
            "recording": access.recording.number,
            "what": access.get_what_display(),
            "by": access.by,
            "bytes": access.byte_count,
        }


def report_totals(rows: Iterable[ReportRow]) -> ReportRow:
    """Return the sums of the columns of `recording_rows`."""
    sums = dict.fromkeys(SUMMED_COLUMNS, 0)
    for row in rows:
        for name in SUMMED_COLUMNS:
            sums[name] += row[name]
    return sums


def rows_as_text(rows: Iterable[ReportRow]) -> Iterator[dict[str, str]]:
    """Yield rows as a file has them: moments in ISO 8601 with their offset, nothing as ""."""
    for row in rows:
        yield {name: _value_as_text(value) for name, value in row.items()}


def _value_as_text(value) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(" ", "seconds")
    return "" if value is None else str(value)
