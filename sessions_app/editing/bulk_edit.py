"""One change to many sessions: topics and regions added or removed, the series set."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from sessions_app.formats.entry_times import compare_entries_around
from sessions_app.indexing.change_signals import touch_sessions
from sessions_app.models import Region, Series, Session, Topic
from site_app.permissions import may_publish

from . import history
from .public_records import is_protected_condition

HISTORY_COMMENT = gettext_noop("Changed together with others.")


@dataclass(frozen=True)
class BulkChange:
    """The changes to each session; `series` applies if `sets_series`, None is "no series"."""

    add_topics: Iterable[Topic] = ()
    remove_topics: Iterable[Topic] = ()
    add_regions: Iterable[Region] = ()
    remove_regions: Iterable[Region] = ()
    sets_series: bool = False
    series: Series | None = None


def sessions_editable_by(sessions: QuerySet[Session], user) -> QuerySet[Session]:
    """Return those of `sessions` that `user`, who may change sessions at all, may change."""
    sessions = sessions.outside_bin()
    return sessions if may_publish(user) else sessions.exclude(is_protected_condition())


class NothingChangedError(Exception):
    """Raised within `recorded_edit` to roll everything back and continue after it."""


@contextmanager
def recorded_edit(sessions: QuerySet[Session], *, user, comment: str) -> Iterator[list[int]]:
    """Lock `sessions` and yield their keys; changes within are one change by `user`.

    In one transaction with their history before and after, the times of their entries and the
    change log. For statements, which bypass signals; at most a few thousand sessions.
    """
    with suppress(NothingChangedError), transaction.atomic():
        locked = sessions.order_by("pk").select_for_update(of=("self",))
        keys = list(locked.values_list("pk", flat=True))
        history.record_state_missing_in_history(keys)
        Session.objects.filter(pk__in=keys).update(changed_by=user)
        with compare_entries_around(keys):
            yield keys
        touch_sessions(keys)
        history.record_current_state(keys, user=user, comment=comment)


def apply_bulk_change(sessions: QuerySet[Session], change: BulkChange, *, user) -> list[int]:
    """Apply `change` to those of `sessions` that `user` may edit; return their keys.

    In batches of 200, each a transaction with its history and its index entries.
    """
    keys = list(sessions_editable_by(sessions, user).order_by("pk").values_list("pk", flat=True))
    changed = []
    for start in range(0, len(keys), history.SESSIONS_PER_REVISION):
        # Filter again under the lock: somebody may have published one in the meantime.
        batch = sessions_editable_by(
            Session.objects.filter(pk__in=keys[start : start + history.SESSIONS_PER_REVISION]),
            user,
        )
        with recorded_edit(batch, user=user, comment=HISTORY_COMMENT) as locked:
            topics, regions = Session.topics.through, Session.regions.through
            _add_and_remove_links(
                topics, "topic_id", locked, change.add_topics, change.remove_topics
            )
            _add_and_remove_links(
                regions, "region_id", locked, change.add_regions, change.remove_regions
            )
            if change.sets_series:
                Session.objects.filter(pk__in=locked).update(series=change.series)
            changed += locked
    return changed


def _add_and_remove_links(through, column, sessions, added, removed) -> None:
    removed_keys = [record.pk for record in removed]
    through.objects.filter(session__in=sessions, **{f"{column}__in": removed_keys}).delete()
    through.objects.bulk_create(
        [through(session_id=pk, **{column: record.pk}) for record in added for pk in sessions],
        ignore_conflicts=True,
        batch_size=500,
    )
