"""When entries of feeds and calendars changed, for what is not saved record by record.

Programs show an entry again if its time has changed, so the time changes only with the content of the
entry. A saved record updates its own times (`models.entry_times`), and signals those of entries that
show it (`changes`). Bulk changes, and replacements of all parts of a session, run within `compared`,
which compares the content of the entries before and after.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils import timezone

from sessions_app.models import Comment, Recommendation, Session

from . import feed_entries, ical

KEYS_PER_BATCH = 500
_compared: ContextVar[frozenset[int]] = ContextVar(
    "sessions that are compared", default=frozenset()
)


@dataclass(frozen=True)
class EntryContents:
    """The content of the entries of some sessions by key, None if there is no entry."""

    sessions: dict[int, str]
    calendars: dict[int, str | None]
    schedules: dict[int, tuple | None]
    # Text of a recommendation, and the time of its last change.
    advice: dict[int, tuple[str, datetime]]


def mark_session_entries_changed(
    session_ids: Iterable[int], *, feeds: bool = False, calendars: bool = False
) -> None:
    """Note that the entries of these sessions show something else now."""
    times = {"entry_changed_at": feeds, "calendar_changed_at": calendars}
    moved = {name: timezone.now() for name, is_moved in times.items() if is_moved}
    keys = [key for key in session_ids if key not in _compared.get()]
    for start in range(0, len(keys) if moved else 0, KEYS_PER_BATCH):
        Session.objects.filter(pk__in=keys[start : start + KEYS_PER_BATCH]).update(**moved)


def mark_recommendation_entries_changed(advice: QuerySet[Recommendation]) -> None:
    """Note that the entries of these recommendations show something else now."""
    keys = advice.exclude(session__in=_compared.get()).order_by().values_list("pk", flat=True)
    keys = list(keys.distinct())
    for start in range(0, len(keys), KEYS_PER_BATCH):
        chunk = Recommendation.objects.filter(pk__in=keys[start : start + KEYS_PER_BATCH])
        chunk.update(entry_changed_at=timezone.now())


def mark_comment_entries_changed(session_id: int) -> None:
    """Update entries of comments after a change to their session's title or address."""
    Comment.objects.filter(session=session_id).update(entry_changed_at=timezone.now())


@contextmanager
def compare_entries_around(session_ids: Iterable[int]) -> Iterator[None]:
    """Within this, times of entries of these sessions follow what differs at its end."""
    keys = frozenset(session_ids) - _compared.get()
    before = entry_contents(keys)
    token = _compared.set(_compared.get() | keys)
    try:
        yield
    finally:
        _compared.reset(token)
    update_times_of_changed_entries(before)


def entry_contents(session_ids: Iterable[int]) -> EntryContents:
    """Return what the entries of these sessions show now; a few queries for 500 sessions."""
    keys = sorted(session_ids)
    entries = EntryContents({}, {}, {}, {})
    for start in range(0, len(keys), KEYS_PER_BATCH):
        batch = Session.objects.filter(pk__in=keys[start : start + KEYS_PER_BATCH])
        for session in batch.with_speakers().prefetch_related("topics"):
            entries.sessions[session.pk] = _entry_without_times(
                feed_entries.session_entry(session)
            )
            entries.calendars[session.pk] = entries.schedules[session.pk] = None
            if session.held_on:
                content = ical.event_fields(session)
                entries.schedules[session.pk] = (content.pop("start"), content.pop("end"))
                entries.calendars[session.pk] = repr(content)
        advice = Recommendation.objects.filter(session__in=keys[start : start + KEYS_PER_BATCH])
        for recommendation in advice.for_cards():
            content = _entry_without_times(feed_entries.recommendation_entry(recommendation))
            entries.advice[recommendation.pk] = (content, recommendation.entry_changed_at)
    return entries


def update_times_of_changed_entries(before: EntryContents) -> None:
    """Move the times of what shows something else than before, and of nothing else."""
    after = entry_contents(before.sessions)
    mark_session_entries_changed(
        _keys_with_other_content(before.sessions, after.sessions), feeds=True
    )
    moved = _keys_with_other_content(before.schedules, after.schedules)
    for start in range(0, len(moved), KEYS_PER_BATCH):
        chunk = Session.objects.filter(pk__in=moved[start : start + KEYS_PER_BATCH])
        chunk.update(calendar_sequence=F("calendar_sequence") + 1)
    mark_session_entries_changed(
        {*moved, *_keys_with_other_content(before.calendars, after.calendars)}, calendars=True
    )
    new = []
    for key, (content, changed_at) in after.advice.items():
        was, when = before.advice.get(key, ("", None))
        if content != was:
            new.append(key)
        elif changed_at != when:  # deleted and written again with the same text
            Recommendation.objects.filter(pk=key).update(entry_changed_at=when)
    mark_recommendation_entries_changed(Recommendation.objects.filter(pk__in=new))


def _keys_with_other_content(before: dict, after: dict) -> list[int]:
    return [key for key, content in after.items() if content != before.get(key)]


def _entry_without_times(entry: dict) -> str:
    """Return an entry as text, without its times."""
    return repr(
        {name: value for name, value in entry.items() if name not in feed_entries.TIME_FIELDS}
    )
