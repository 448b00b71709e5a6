"""Which records a harvest returns, in which order, one page at a time.

The order is that of `catalogue.publication_order`: a harvest that continues where it stopped returns
each record once, whatever changes in between. Deleted records have a position in it, too.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, F, OuterRef, QuerySet

from sessions_app.catalogue.publication_order import (
    PublicationPosition,
    comes_after_condition,
    order_by_publication,
)
from sessions_app.models import DeletedSession, Session
from sessions_app.models.sessions import FIRST_PUBLIC_TIME

from . import sets


@dataclass(frozen=True)
class HarvestSelection:
    """What a harvest asks for: records changed from `since` to before `before`, in one set."""

    since: datetime | None = None
    before: datetime | None = None
    set_spec: str = ""


@dataclass(frozen=True)
class HarvestedRecord:
    """A record as it is now; `session` is None when it is deleted: withdrawn or gone."""

    place: PublicationPosition
    datestamp: datetime
    set_specs: tuple[str, ...]
    session: Session | None

    @property
    def identifier(self) -> str:
        return self.place.uid.urn


class Harvest:
    """The records of a selection."""

    def __init__(self, selection: HarvestSelection):
        """Raises UnknownSetError."""
        self.selection = selection
        self._sessions = Session.objects.ever_public().order_by()
        self._gone = _deleted_sessions()
        if spec := selection.set_spec:
            self._sessions = self._sessions.filter(sets.session_in_set_condition(spec))
            self._gone = self._gone.filter(sets.deleted_session_in_set_condition(spec))
        if since := selection.since:
            self._sessions = self._sessions.filter(updated_at__gte=since)
            self._gone = self._gone.filter(deleted_at__gte=since)
        if before := selection.before:
            self._sessions = self._sessions.filter(updated_at__lt=before)
            self._gone = self._gone.filter(deleted_at__lt=before)

    @cached_property
    def count(self) -> int:
        return self._sessions.count() + self._gone.count()

    def page(
        self, after: PublicationPosition | None, limit: int, *, whole: bool
    ) -> tuple[list[HarvestedRecord], bool]:
        """Return up to `limit` records after a place, and whether there are more.

        `whole`: with all that their metadata shows, not only their headers.
        """
        sessions = order_by_publication(self._sessions)
        gone = self._gone.annotate(place_at=F("first_public_at")).order_by("place_at", "uid")
        if after:
            sessions, gone = (
                sessions.filter(comes_after_condition(after)),
                gone.filter(comes_after_condition(after)),
            )
        rows = _prefetch_for_records(sessions, whole=whole)[: limit + 1]
        records = [
            *_records_of_sessions(list(rows)),
            *_records_of_deleted_sessions(list(gone[: limit + 1])),
        ]
        records.sort(key=lambda record: record.place)
        chosen = records[:limit]
        return _hide_sets_that_are_not_public(chosen), len(records) > limit


def find_record(uid: uuid.UUID) -> HarvestedRecord | None:
    """Return one record with all that its metadata shows; None for what was never public."""
    sessions = Session.objects.ever_public().filter(uid=uid).annotate(place_at=FIRST_PUBLIC_TIME)
    records = _records_of_sessions(list(_prefetch_for_records(sessions, whole=True)))
    if not records:
        gone = _deleted_sessions().filter(uid=uid).annotate(place_at=F("first_public_at"))
        records = _records_of_deleted_sessions(list(gone))
    return _hide_sets_that_are_not_public(records)[0] if records else None


def earliest_datestamp() -> datetime | None:
    """Return the time of the record that has not changed for the longest; None without any."""
    sessions = Session.objects.ever_public().order_by("updated_at")
    times = [
        sessions.values_list("updated_at", flat=True).first(),
        _deleted_sessions().order_by("deleted_at").values_list("deleted_at", flat=True).first(),
    ]
    return min((time for time in times if time), default=None)


def _deleted_sessions() -> QuerySet[DeletedSession]:
    """Return what is deleted, without what came back by undoing a merge."""
    back = Session.objects.order_by().filter(uid=OuterRef("uid"))
    return DeletedSession.objects.order_by().filter(~Exists(back))


def _prefetch_for_records(sessions, *, whole):
    if whole:
        parts = ("topics", "regions", "recommendations", "documents")
        return sessions.with_speakers().prefetch_related(*parts)
    fields = ("uid", "updated_at", "first_public_at", "published_at", "status", "series__slug")
    return sessions.select_related("series").prefetch_related("topics", "regions").only(*fields)


def _records_of_sessions(sessions: list[Session]) -> list[HarvestedRecord]:
    specs = sets.set_specs_by_session(sessions) if sessions else {}
    return [
        HarvestedRecord(
            PublicationPosition(session.place_at, session.uid),
            session.updated_at,
            tuple(specs[session.pk]),
            session if session.is_public else None,
        )
        for session in sessions
    ]


def _records_of_deleted_sessions(rows) -> list[HarvestedRecord]:
    return [
        HarvestedRecord(
            PublicationPosition(row.place_at, row.uid),
            row.deleted_at,
            tuple(row.set_specs.split()),
            None,
        )
        for row in rows
    ]


def _hide_sets_that_are_not_public(records: list[HarvestedRecord]) -> list[HarvestedRecord]:
    """Return the records; those that are deleted name no set that is not public otherwise."""
    named = {spec for record in records if record.session is None for spec in record.set_specs}
    if not named:
        return records
    public = sets.public_set_specs(named)
    return [
        record
        if record.session
        else HarvestedRecord(
            record.place,
            record.datestamp,
            tuple(dict.fromkeys(public[spec] for spec in record.set_specs if spec in public)),
            None,
        )
        for record in records
    ]
