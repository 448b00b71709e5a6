"""Find sessions that may be duplicates, in the background as they change."""

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop
from rapidfuzz import fuzz

from desk_app.models import CheckedRecord, LookAlike
from desk_app.worklists.findings import (
    SimilarPair,
    replace_similar_pairs_of_records,
    run_timed_check,
    store_checked_record_states,
)
from sessions_app.models import Appearance, Session
from speakers_app.names.comparison import MIN_LIKENESS_PERCENT, fold_name

CHECK_NAME = "sessions that look alike"
SESSION_MODEL_LABEL = Session._meta.label_lower
SESSIONS_PER_BATCH = 200
MAX_SECONDS_PER_ROUND = 4.0  # per round
MAX_SESSIONS_OF_TITLE_OR_DAY = (
    60  # sessions with one title or day: if there are more, the match means too little
)
# Between two sessions with one title; a yearly talk is a different session each year.
MAX_DAYS_APART = 31
# Rapidfuzz ratio of two titles on the same day
MIN_TITLE_LIKENESS_ON_SAME_DAY = MIN_LIKENESS_PERCENT - 10


class ComparedValues(NamedTuple):
    """The compared values of a session; the title is folded."""

    key: int
    title: str
    day: date | None


class SessionsByTitleAndDay:
    """Every session by title and by day; one query."""

    def __init__(self):
        self.rows: dict[int, ComparedValues] = {}
        self.keys_by_title: dict[str, list[int]] = defaultdict(list)
        self.keys_by_day: dict[date, list[int]] = defaultdict(list)
        sessions = Session.objects.outside_bin().order_by("pk")
        for key, title, day in sessions.values_list("pk", "title", "held_on").iterator():
            row = self.rows[key] = ComparedValues(key, fold_name(title), day)
            self.keys_by_title[row.title].append(key)
            if day:
                self.keys_by_day[day].append(key)

    def comparable_session_keys(self, row: ComparedValues) -> set[int]:
        """Return the keys of sessions of the same title, or of that day or one beside it."""
        blocks = [self.keys_by_title[row.title]] if row.title else []
        if row.day:
            blocks += [
                self.keys_by_day.get(row.day + timedelta(days=step), []) for step in (-1, 0, 1)
            ]
        keys = {
            key for block in blocks if len(block) <= MAX_SESSIONS_OF_TITLE_OR_DAY for key in block
        }
        return keys - {row.key}


def sessions_not_yet_compared():
    """Return the sessions that were not compared as they are now."""
    seen = CheckedRecord.objects.filter(
        check_name=CHECK_NAME, key=OuterRef("pk"), state_of__gte=OuterRef("updated_at")
    )
    return Session.objects.outside_bin().filter(~Exists(seen)).order_by("pk")


def compare_changed_sessions() -> int:
    """Compare sessions that changed with the others, for some seconds; return how many."""
    if not sessions_not_yet_compared().exists():
        return 0
    return run_timed_check(CHECK_NAME, 0, _compare_for_some_seconds)


def _compare_for_some_seconds() -> int:
    catalogue, looked, end = SessionsByTitleAndDay(), 0, time.monotonic() + MAX_SECONDS_PER_ROUND
    while time.monotonic() < end:
        batch = list(
            sessions_not_yet_compared().values_list("pk", "updated_at")[:SESSIONS_PER_BATCH]
        )
        if not batch:
            break
        keys = [key for key, _at in batch if key in catalogue.rows]
        replace_similar_pairs_of_records(
            SESSION_MODEL_LABEL, keys, similar_pairs_of(catalogue, keys)
        )
        store_checked_record_states(CHECK_NAME, dict(batch))
        looked += len(batch)
    _delete_pairs_of_deleted_sessions()
    return looked


def _delete_pairs_of_deleted_sessions():
    there = Session.objects.order_by()
    gone = ~Exists(there.filter(pk=OuterRef("first"))) | ~Exists(
        there.filter(pk=OuterRef("second"))
    )
    LookAlike.objects.filter(gone, model=SESSION_MODEL_LABEL).delete()


def similar_pairs_of(catalogue: SessionsByTitleAndDay, keys: list[int]) -> Iterator[SimilarPair]:
    """Yield the pairs of which one is among `keys`; a pair can come twice. One query."""
    near = {key: catalogue.comparable_session_keys(catalogue.rows[key]) for key in keys}
    wanted = {*keys, *(other for others in near.values() for other in others)}
    people = defaultdict(set)
    rows = Appearance.objects.filter(session__in=wanted).order_by()
    for session, speaker in rows.values_list("session", "speaker"):
        people[session].add(speaker)
    for key, others in near.items():
        for other in others:
            same_people = bool(people[key]) and people[key] == people[other]
            told = duplicate_reason_and_likeness(
                catalogue.rows[key], catalogue.rows[other], same_people
            )
            if told:
                yield (key, other, *told)


def duplicate_reason_and_likeness(
    one: ComparedValues, other: ComparedValues, same_people: bool
) -> tuple[str, int] | None:
    """Return (why two sessions may be one, how likely in percent), None if they are different."""
    apart = abs((one.day - other.day).days) if one.day and other.day else None
    if one.title and one.title == other.title:
        if apart is None:
            return gettext_noop("the same title"), 90
        if apart == 0:
            return gettext_noop("the same title and day"), 100
        if apart <= MAX_DAYS_APART:
            return gettext_noop("the same title, within a month"), 88
        return (gettext_noop("the same title and speakers"), 80) if same_people else None
    if (
        apart is None
        or apart > 1
        or _words_with_digits(one.title) != _words_with_digits(other.title)
    ):
        return None
    ratio = round(fuzz.token_sort_ratio(one.title, other.title))
    if apart == 0 and ratio >= MIN_TITLE_LIKENESS_ON_SAME_DAY:
        return gettext_noop("the same day, and nearly the same title"), min(ratio, 97)
    if apart == 0 and same_people:
        return gettext_noop("the same day and the same speakers"), 85
    return (
        (gettext_noop("nearly the same title, a day apart"), 82)
        if ratio >= MIN_LIKENESS_PERCENT
        else None
    )


def _words_with_digits(title):
    """Parts of one event are distinguished by their numbers."""
    return [word for word in title.split() if any(letter.isdigit() for letter in word)]


def undecided_session_pairs():
    """Return the pairs to decide on, the likeliest first: both there, and not in the bin."""
    there = Session.objects.outside_bin().order_by()
    return LookAlike.objects.filter(
        Q(Exists(there.filter(pk=OuterRef("first")))),
        Q(Exists(there.filter(pk=OuterRef("second")))),
        model=SESSION_MODEL_LABEL,
        dismissed_at=None,
    ).order_by("-likeness", "first", "second")
