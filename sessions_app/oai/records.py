"""Which records a harvest returns, in which order, one page at a time.

The order is that of `catalogue.publication_order`: a harvest that continues where it stopped returns
each record once, whatever changes in between. Deleted records have a position in it, too.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, F, OuterRef, QuerySet

from sessions_app.catalogue.publication_order import PublicationPosition, order_by_publication
from sessions_app.catalogue.publication_order import comes_after_condition as coming_after
from sessions_app.models import DeletedSession, Session
from sessions_app.models.sessions import FIRST_PUBLIC

from . import sets


@dataclass(frozen=True)
class Selection:
    """What a harvest asks for: records changed from `since` to before `before`, in one set."""

    since: datetime | None = None
    before: datetime | None = None
    set_spec: str = ""


@dataclass(frozen=True)
class Record:
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

    def __init__(self, selection: Selection):
        """Raises UnknownSetError."""
        self.selection = selection
        self._sessions = Session.objects.ever_public().order_by()
        self._gone = _gone()
        if spec := selection.set_spec:
            self._sessions = self._sessions.filter(sets.sessions_in(spec))
            self._gone = self._gone.filter(sets.deleted_in(spec))
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
    ) -> tuple[list[Record], bool]:
        """Return up to `limit` records after a place, and whether there are more.

        `whole`: with all that their metadata shows, not only their headers.
        """
        sessions = order_by_publication(self._sessions)
        gone = self._gone.annotate(place_at=F("first_public_at")).order_by("place_at", "uid")
        if after:
            sessions, gone = sessions.filter(coming_after(after)), gone.filter(coming_after(after))
        rows = _with_details(sessions, whole=whole)[: limit + 1]
        records = [*_records(list(rows)), *_gone_records(list(gone[: limit + 1]))]
        records.sort(key=lambda record: record.place)
        chosen = records[:limit]
        return _told(chosen), len(records) > limit


def record_of(uid: uuid.UUID) -> Record | None:
    """Return one record with all that its metadata shows; None for what was never public."""
    sessions = Session.objects.ever_public().filter(uid=uid).annotate(place_at=FIRST_PUBLIC)
    records = _records(list(_with_details(sessions, whole=True)))
    if not records:
        gone = _gone().filter(uid=uid).annotate(place_at=F("first_public_at"))
        records = _gone_records(list(gone))
    return _told(records)[0] if records else None


def earliest_datestamp() -> datetime | None:
    """Return the time of the record that has not changed for the longest; None without any."""
    sessions = Session.objects.ever_public().order_by("updated_at")
    times = [
        sessions.values_list("updated_at", flat=True).first(),
        _gone().order_by("deleted_at").values_list("deleted_at", flat=True).first(),
    ]
    return min((time for time in times if time), default=None)


def _gone() -> QuerySet[DeletedSession]:
    """Return what is deleted, without what came back by undoing a merge."""
    back = Session.objects.order_by().filter(uid=OuterRef("uid"))
    return DeletedSession.objects.order_by().filter(~Exists(back))


def _with_details(sessions, *, whole):
    if whole:
        parts = ("topics", "regions", "recommendations", "documents")
        return sessions.with_speakers().prefetch_related(*parts)
    fields = ("uid", "updated_at", "first_public_at", "published_at", "status", "series__slug")
    return sessions.select_related("series").prefetch_related("topics", "regions").only(*fields)


def _records(sessions: list[Session]) -> list[Record]:
    specs = sets.set_specs(sessions) if sessions else {}
    return [
        Record(
            PublicationPosition(session.place_at, session.uid),
            session.updated_at,
            tuple(specs[session.pk]),
            session if session.is_public else None,
        )
        for session in sessions
    ]


def _gone_records(rows) -> list[Record]:
    return [
        Record(
            PublicationPosition(row.place_at, row.uid),
            row.deleted_at,
            tuple(row.set_specs.split()),
            None,
        )
        for row in rows
    ]


def _told(records: list[Record]) -> list[Record]:
    """Return the records; those that are deleted name no set that is not public otherwise."""
    named = {spec for record in records if record.session is None for spec in record.set_specs}
    if not named:
        return records
    public = sets.only_public(named)
    return [
        record
        if record.session
        else Record(
            record.place,
            record.datestamp,
            tuple(spec for spec in record.set_specs if spec in public),
            None,
        )
        for record in records
    ]
