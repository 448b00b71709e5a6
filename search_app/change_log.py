"""The change log: which records to index again, written in the transaction of the change."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from search_app.models import Change

from . import staleness
from .batch_deletion import delete_batch

# Any number that no other code uses for pg_advisory_xact_lock.
ORDER_LOCK_ID = 7_203_741
RETENTION_ROWS = 10_000
RETENTION_TIME = timedelta(days=7)


class Position(NamedTuple):
    """A position in the change log; `mark` distinguishes it from the same id in another database."""

    id: int
    mark: int


START_POSITION = Position(0, 0)


class WithPosition:
    """For models with the fields `change_id` and `change_mark`: how far in the log they have come."""

    @property
    def position(self) -> Position:
        return Position(self.change_id, self.change_mark)

    @position.setter
    def position(self, position: Position) -> None:
        self.change_id, self.change_mark = position


def record_changes(kind: str, keys: Iterable[int]) -> None:
    """Log that these records of `kind` changed, in the current transaction or a new one.

    Call it after the change itself. From here to the end of the transaction no other transaction
    gets a number, so that numbers become visible in their order.
    """
    rows = [Change(kind=kind, key=key) for key in dict.fromkeys(keys)]
    if not rows:
        return
    with transaction.atomic():
        _take_order_lock()
        Change.objects.bulk_create(rows, batch_size=2000)
    staleness.forget_newest_position()  # whoever writes finds it in the same request


def record_that_everything_changed() -> None:
    """Log that too much changed to list it: every index is rebuilt."""
    record_changes(Change.EVERYTHING, [0])


def _take_order_lock() -> None:
    """Let only one transaction at a time number its changes, until it ends.

    Without it a transaction that took number 7 early and commits late would be passed over by a
    reader that has seen number 8. SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORDER_LOCK_ID])


def newest_position() -> Position:
    """Return the newest change; one query by primary key."""
    row = Change.objects.order_by("-id").values_list("id", "mark").first()
    return Position(*row) if row else START_POSITION


def newest_change_id() -> int:
    """Return the number of the newest change, 0 before the first: the state of the archive."""
    return newest_position().id


def has_all_changes_after(position: Position) -> bool:
    """Return whether every change after `position` is still listed in this database."""
    if position == START_POSITION:
        oldest = Change.objects.order_by("id").values_list("id", flat=True).first()
        return oldest is None or oldest == 1
    return Change.objects.filter(id=position.id, mark=position.mark).exists()


def keys_changed_after(
    position: Position, kind: str, limit: int
) -> tuple[list[int] | None, Position]:
    """Return the keys of `kind` that changed after `position`, and the new position.

    None for the keys if everything changed. At most `limit` changes are read: the position says
    how far that goes. It goes past changes of other kinds, so that no index falls behind the
    kept rows only because its own records seldom change.
    """
    last = newest_position()
    rows = Change.objects.filter(
        id__gt=position.id, id__lte=last.id, kind__in=(kind, Change.EVERYTHING)
    )
    rows = list(rows.order_by("id").values_list("id", "mark", "kind", "key")[:limit])
    if any(row[2] == Change.EVERYTHING for row in rows):
        return None, position
    reached = last if len(rows) < limit else Position(rows[-1][0], rows[-1][1])
    return list(dict.fromkeys(row[3] for row in rows)), reached


def count_changes_after(position: Position, kind: str, limit: int) -> int:
    """Return the number of changes of `kind` after `position`, counted up to `limit`."""
    rows = Change.objects.filter(id__gt=position.id, kind__in=(kind, Change.EVERYTHING))
    return rows.order_by()[:limit].count()


def delete_old_changes(now: datetime | None = None) -> int:
    """Delete old changes; return how many. An index older than them is rebuilt."""
    newest_id = newest_change_id()
    old = Change.objects.filter(
        id__lte=newest_id - RETENTION_ROWS, created_at__lt=(now or timezone.now()) - RETENTION_TIME
    )
    return delete_batch(old)
