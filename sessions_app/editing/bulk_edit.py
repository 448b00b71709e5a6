"""One change to many sessions: topics and regions added or removed, the series set."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from sessions_app.formats.entry_times import move
from sessions_app.indexing.change_signals import touch_sessions
from sessions_app.models import Region, Series, Session, Topic
from site_app.permissions import may_publish

from . import history
from .public_records import is_protected

COMMENT = "Changed together with others."


@dataclass(frozen=True)
class BulkChange:
    """What is done to each session; `series` applies if `sets_series`, None is "no series"."""

    add_topics: Iterable[Topic] = ()
    remove_topics: Iterable[Topic] = ()
    add_regions: Iterable[Region] = ()
    remove_regions: Iterable[Region] = ()
    sets_series: bool = False
    series: Series | None = None


def editable(sessions: QuerySet[Session], user) -> QuerySet[Session]:
    """Return those of `sessions` that `user`, who may change sessions at all, may change."""
    sessions = sessions.outside_bin()
    return sessions if may_publish(user) else sessions.exclude(is_protected())


def change_many(sessions: QuerySet[Session], change: BulkChange, *, user) -> list[int]:
    """Apply `change` to those of `sessions` that `user` may edit; return their keys.

    In batches of 200, each a transaction with its history and its index entries.
    """
    keys = list(editable(sessions, user).order_by("pk").values_list("pk", flat=True))
    changed = []
    for start in range(0, len(keys), history.BATCH):
        with transaction.atomic():
            chosen = editable(
                Session.objects.filter(pk__in=keys[start : start + history.BATCH]), user
            )
            batch = list(chosen.select_for_update(of=("self",)).values_list("pk", flat=True))
            history.record_unrecorded(batch)
            before = _topics(batch)
            _link(
                Session.topics.through, "topic_id", batch, change.add_topics, change.remove_topics
            )
            # Entries of feeds and calendars do not name series and regions.
            moved = {session for session, _topic in before ^ _topics(batch)}
            move(moved, feeds=True, calendars=True)
            _link(
                Session.regions.through,
                "region_id",
                batch,
                change.add_regions,
                change.remove_regions,
            )
            values = {"changed_by": user} | (
                {"series": change.series} if change.sets_series else {}
            )
            Session.objects.filter(pk__in=batch).update(**values)
            touch_sessions(batch)
            history.record_version(batch, user=user, comment=COMMENT)
        changed += batch
    return changed


def _topics(sessions) -> set[tuple[int, int]]:
    links = Session.topics.through.objects.filter(session__in=sessions)
    return set(links.values_list("session_id", "topic_id"))


def _link(through, column, sessions, added, removed) -> None:
    gone = [topic.pk for topic in removed]
    through.objects.filter(session__in=sessions, **{f"{column}__in": gone}).delete()
    through.objects.bulk_create(
        [through(session_id=pk, **{column: topic.pk}) for topic in added for pk in sessions],
        ignore_conflicts=True,
        batch_size=500,
    )
