"""The state of the archive to which cached responses belong; queried once per request."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from recordings_app.models import Recording
from search_app.change_log import START_POSITION, Position
from search_app.models import Change
from sessions_app.models import Session

# Raw SQL, because the ORM takes longer to build this query than it takes to return a cached page.
# The conditions are those of `publish_due` and `end_seals`; both use an index with few rows.
_STATE_QUERY = f"""
    SELECT id, mark, created_at,
        EXISTS (SELECT 1 FROM {Session._meta.db_table} WHERE status = 'published'
                AND updated_at < published_at AND published_at <= %s),
        EXISTS (SELECT 1 FROM {Recording._meta.db_table}
                WHERE is_sealed AND sealed_until <= %s)
    FROM {Change._meta.db_table} ORDER BY id DESC LIMIT 1
"""  # noqa: S608 - names of tables


class ArchiveState(NamedTuple):
    """The newest change, the local day, and whether time alone changed something.

    `is_overdue`: a session became public or a seal ended, and the index does not know it yet.
    """

    position: Position
    today: str  # ISO date
    is_overdue: bool
    changed_at: datetime | None = None  # when the newest change was written; None without any

    @property
    def key(self) -> str:
        """This state as part of a cache's key: ASCII without spaces."""
        return f"{self.position.id}:{self.position.mark}:{self.today}"


def archive_state() -> ArchiveState:
    """Return the state of the archive now; one query."""
    today = timezone.localdate()
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_STATE_QUERY, [now, connection.ops.adapt_datefield_value(today)])
        row = cursor.fetchone()
    if row is None:  # nothing has changed yet
        return ArchiveState(START_POSITION, today.isoformat(), False)
    change, mark, changed_at, publication, seal = row
    if isinstance(changed_at, str):  # SQLite stores times as text, in UTC
        changed_at = datetime.fromisoformat(changed_at)
    if timezone.is_naive(changed_at):
        changed_at = changed_at.replace(tzinfo=UTC)
    is_overdue = bool(publication or seal)
    return ArchiveState(Position(change, mark), today.isoformat(), is_overdue, changed_at)
