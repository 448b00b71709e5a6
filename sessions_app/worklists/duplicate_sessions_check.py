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
    record_checked_states,
    replace_pairs_of,
    run_timed_check,
)
from sessions_app.models import Appearance, Session
from speakers_app.names.comparison import MIN_LIKENESS, fold_name

CHECK = "sessions that look alike"
LABEL = Session._meta.label_lower
BATCH = 200
MAX_SECONDS = 4.0  # per round
MAX_COMPARED = 60  # sessions with one title or day: if there are more, the match means too little
# Between two sessions with one title; a yearly talk is a different session each year.
MAX_DAYS_APART = 31
NEARLY = MIN_LIKENESS - 10  # rapidfuzz ratio of two titles on the same day


class CatalogueRow(NamedTuple):
    """The compared values of a session; the title is folded."""

    key: int
    title: str
    day: date | None


class Catalogue:
    """Every session by title and by day; one query."""

    def __init__(self):
        self.rows: dict[int, CatalogueRow] = {}
        self.of_title: dict[str, list[int]] = defaultdict(list)
        self.of_day: dict[date, list[int]] = defaultdict(list)
        sessions = Session.objects.outside_bin().order_by("pk")
        for key, title, day in sessions.values_list("pk", "title", "held_on").iterator():
            row = self.rows[key] = CatalogueRow(key, fold_name(title), day)
            self.of_title[row.title].append(key)
            if day:
                self.of_day[day].append(key)

    def near(self, row: CatalogueRow) -> set[int]:
        """Return the keys of sessions of the same title, or of that day or one beside it."""
        blocks = [self.of_title[row.title]] if row.title else []
        if row.day:
            blocks += [self.of_day.get(row.day + timedelta(days=step), []) for step in (-1, 0, 1)]
        keys = {key for block in blocks if len(block) <= MAX_COMPARED for key in block}
        return keys - {row.key}


def sessions_to_compare():
    """Return the sessions that were not compared as they are now."""
    seen = CheckedRecord.objects.filter(
        check_name=CHECK, key=OuterRef("pk"), state_of__gte=OuterRef("updated_at")
    )
    return Session.objects.outside_bin().filter(~Exists(seen)).order_by("pk")


def find_alike_sessions() -> int:
    """Compare sessions that changed with the others, for some seconds; return how many."""
    if not sessions_to_compare().exists():
        return 0
    return run_timed_check(CHECK, 0, _look)


def _look() -> int:
    catalogue, looked, end = Catalogue(), 0, time.monotonic() + MAX_SECONDS
    while time.monotonic() < end:
        batch = list(sessions_to_compare().values_list("pk", "updated_at")[:BATCH])
        if not batch:
            break
        keys = [key for key, _at in batch if key in catalogue.rows]
        replace_pairs_of(LABEL, keys, pairs_of_sessions(catalogue, keys))
        record_checked_states(CHECK, dict(batch))
        looked += len(batch)
    _forget_gone()
    return looked


def _forget_gone():
    there = Session.objects.order_by()
    gone = ~Exists(there.filter(pk=OuterRef("first"))) | ~Exists(
        there.filter(pk=OuterRef("second"))
    )
    LookAlike.objects.filter(gone, model=LABEL).delete()


def pairs_of_sessions(catalogue: Catalogue, keys: list[int]) -> Iterator[SimilarPair]:
    """Yield the pairs of which one is among `keys`; a pair can come twice. One query."""
    near = {key: catalogue.near(catalogue.rows[key]) for key in keys}
    wanted = {*keys, *(other for others in near.values() for other in others)}
    people = defaultdict(set)
    rows = Appearance.objects.filter(session__in=wanted).order_by()
    for session, speaker in rows.values_list("session", "speaker"):
        people[session].add(speaker)
    for key, others in near.items():
        for other in others:
            same_people = bool(people[key]) and people[key] == people[other]
            told = likeness_of_sessions(catalogue.rows[key], catalogue.rows[other], same_people)
            if told:
                yield (key, other, *told)


def likeness_of_sessions(
    one: CatalogueRow, other: CatalogueRow, same_people: bool
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
    if apart is None or apart > 1 or _numbers(one.title) != _numbers(other.title):
        return None
    ratio = round(fuzz.token_sort_ratio(one.title, other.title))
    if apart == 0 and ratio >= NEARLY:
        return gettext_noop("the same day, and nearly the same title"), min(ratio, 97)
    if apart == 0 and same_people:
        return gettext_noop("the same day and the same speakers"), 85
    return (
        (gettext_noop("nearly the same title, a day apart"), 82) if ratio >= MIN_LIKENESS else None
    )


def _numbers(title):
    """Parts of one event are distinguished by their numbers."""
    return [word for word in title.split() if any(letter.isdigit() for letter in word)]


def undecided_pairs():
    """Return the pairs to decide on, the likeliest first: both there, and not in the bin."""
    there = Session.objects.outside_bin().order_by()
    return LookAlike.objects.filter(
        Q(Exists(there.filter(pk=OuterRef("first")))),
        Q(Exists(there.filter(pk=OuterRef("second")))),
        model=LABEL,
        dismissed_at=None,
    ).order_by("-likeness", "first", "second")
