"""Recurring advice: recommendations of several sessions that say much the same.

`advice_groups` decides which belong together; this module keeps the groups up to date. Changes are read
from the change log, and after each step the database contains the whole state, so that work can be
interrupted at any time and continued.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet

from search_app import change_log
from sessions_app.models import Recommendation, Recurrence, RecurrenceBlock, RecurrenceRun, Session
from sessions_app.querysets import public_condition

from .advice_groups import (
    TEXT_ROW_DTYPE,
    UNDECIDED_CENTRE,
    AdviceGroups,
    GroupChanges,
    Words,
    significant_word_codes,
)

MAX_TEXTS_PER_STEP = 2000  # texts per step; a step takes some tenths of a second
CHANGE_LOG_KIND = "recurrence"  # kind of the change-log entry that invalidates cached pages


@dataclass(frozen=True)
class RecurrenceSummary:
    """How often a recommendation's advice was given, its own session included."""

    group: int
    sessions: int
    first_year: int | None
    last_year: int | None


def recurrence_summary(recommendation: Recommendation) -> RecurrenceSummary | None:
    """Return how often public sessions gave this advice, None if only once; one query."""
    own = Recurrence.objects.filter(recommendation=recommendation).values("group")
    members = Recurrence.objects.filter(
        public_condition("recommendation__session__"), group__in=own
    )
    span = members.order_by().aggregate(
        group=Min("group"),
        sessions=Count("recommendation__session", distinct=True),
        first=Min("recommendation__session__held_on"),
        last=Max("recommendation__session__held_on"),
    )
    if span["sessions"] < 2:
        return None
    years = [span[name].year if span[name] else None for name in ("first", "last")]
    return RecurrenceSummary(span["group"], span["sessions"], *years)


def groups_by_session_count(members: QuerySet) -> QuerySet:
    """Return {group, sessions, first, last} of the groups of these that several sessions gave.

    The advice of the most sessions comes first; `first` and `last` are days, or None.
    """
    return (
        members.order_by()
        .values("group")
        .annotate(
            sessions=Count("recommendation__session", distinct=True),
            first=Min("recommendation__session__held_on"),
            last=Max("recommendation__session__held_on"),
        )
        .filter(sessions__gte=2)
        .order_by("-sessions", "-last", "group")
    )


def is_grouping_complete() -> bool:
    """Return whether all recommendations were compared at least once; one query."""
    run = RecurrenceRun.objects.filter(pk=1).first()
    return run is not None and run.is_complete


def update_groups(seconds: float | None = None) -> int:
    """Bring the groups up to date; return how many recommendations were read or placed.

    Works for about `seconds`, at least one step of MAX_STEP texts; without a limit until all is
    done. 0 means that nothing was left to do, or that another process is at it.
    """
    ends_at = None if seconds is None else time.monotonic() + seconds
    run, _is_new = RecurrenceRun.objects.get_or_create(pk=1)
    if run.is_complete and run.position == change_log.newest_position():
        return 0
    update = _GroupUpdate(run)
    done = 0
    while not update.is_done:
        if not update.run_step():
            break
        done += update.count
        if ends_at is not None and time.monotonic() >= ends_at:
            break
    return done


class _GroupUpdate:
    """One process's work on the groups, step by step."""

    def __init__(self, run: RecurrenceRun):
        self.run = run
        self.is_done = False
        self.count = 0  # texts of the last step
        blocks = RecurrenceBlock.objects.order_by("number").values_list("rows", flat=True)
        stored = b"".join(bytes(block) for block in blocks)
        self.groups = AdviceGroups(
            np.frombuffer(stored, TEXT_ROW_DTYPE).copy(), _word_codes_of_public_texts
        )

    def run_step(self) -> bool:
        """Read and place some texts and store the result; False if another process was faster."""
        before = self.run.position, self.run.scanned_to, self.run.undecided
        keys = self._next_keys_to_read()
        outcomes = [self.groups.reread_texts(keys)] if keys else []
        if self.groups.undecided_count:
            outcomes.append(self.groups.assign_undecided(MAX_TEXTS_PER_STEP))
        self.run.undecided = self.groups.undecided_count
        self.count = len(keys) + sum(len(outcome.decided) for outcome in outcomes)
        self.is_done = not keys and not outcomes and before[1] is None
        after = self.run.position, self.run.scanned_to, self.run.undecided
        return (after == before and not outcomes) or self._store_step(outcomes)

    def _next_keys_to_read(self) -> list[int]:
        """Return the keys of the next texts that may have changed, and note that they were read."""
        run = self.run
        if run.undecided:
            return []  # Assign the texts already read first, so that memory and steps stay small.
        if run.scanned_to is None:
            if change_log.has_all_changes_after(run.position):
                keys, reached = change_log.keys_changed_after(
                    run.position, "recommendation", MAX_TEXTS_PER_STEP
                )
                if keys is not None:
                    run.position = reached
                    return keys
            run.scanned_to = 0
        if run.scanned_to == 0:
            run.position = change_log.newest_position()  # later changes are read after the scan
        rest = Recommendation.objects.filter(pk__gt=run.scanned_to).order_by("pk")
        keys = list(rest.values_list("pk", flat=True)[:MAX_TEXTS_PER_STEP])
        known = self.groups.rows["key"]
        known = known[known > run.scanned_to]
        run.scanned_to = keys[-1] if len(keys) == MAX_TEXTS_PER_STEP else None
        if run.scanned_to is not None:
            known = known[known <= run.scanned_to]
        return sorted({*keys, *known.tolist()})

    def _store_step(self, outcomes: Iterable[GroupChanges]) -> bool:
        run = self.run
        with transaction.atomic():
            is_ours = RecurrenceRun.objects.filter(pk=1, version=run.version).update(
                change_id=run.change_id,
                change_mark=run.change_mark,
                scanned_to=run.scanned_to,
                undecided=run.undecided,
                version=run.version + 1,
            )
            if not is_ours:
                return False
            run.version += 1
            self._store_blocks_of({key for outcome in outcomes for key in outcome.rows})
            if self._store_group_members(outcomes):
                change_log.record_changes(CHANGE_LOG_KIND, [0])
        return True

    def _store_blocks_of(self, keys: Iterable[int]) -> None:
        numbers = sorted({key // RecurrenceBlock.KEYS for key in keys})
        known = self.groups.rows["key"]
        blocks, empty = [], []
        for number in numbers:
            start, end = np.searchsorted(
                known, [number * RecurrenceBlock.KEYS, (number + 1) * RecurrenceBlock.KEYS]
            )
            if start == end:
                empty.append(number)
            else:
                rows = self.groups.rows[start:end].tobytes()
                blocks.append(RecurrenceBlock(number=number, rows=rows))
        RecurrenceBlock.objects.filter(number__in=empty).delete()
        RecurrenceBlock.objects.bulk_create(
            blocks,
            batch_size=50,
            update_conflicts=True,
            unique_fields=["number"],
            update_fields=["rows"],
        )

    def _store_group_members(self, outcomes: Iterable[GroupChanges]) -> bool:
        """Store who is in which group of two or more; return whether anything changed."""
        removed, wanted = set(), {}
        for outcome in outcomes:
            removed |= outcome.removed
            wanted |= outcome.decided
            # A centre is listed in its group once the group has a second member.
            centres = {centre for centre, _near in outcome.decided.values()} | outcome.old_centres
            wanted |= {centre: (centre, 1.0) for centre in centres if self._is_centre(centre)}
        sizes = self.groups.group_sizes({centre for centre, _near in wanted.values()})
        in_group = {key: member for key, member in wanted.items() if sizes.get(member[0], 0) > 1}
        asked = sorted(removed | wanted.keys())
        stored = {}
        for start in range(0, len(asked), MAX_TEXTS_PER_STEP):
            rows = Recurrence.objects.filter(pk__in=asked[start : start + MAX_TEXTS_PER_STEP])
            stored |= {key: member for key, *member in rows.values_list("pk", "group", "likeness")}
        leaving = [key for key in stored if key not in in_group]
        changed = [
            Recurrence(recommendation_id=key, group=centre, likeness=near)
            for key, (centre, near) in in_group.items()
            if stored.get(key) != [centre, near]
        ]
        Recurrence.objects.filter(pk__in=leaving).delete()
        Recurrence.objects.bulk_create(
            changed,
            batch_size=MAX_TEXTS_PER_STEP,
            update_conflicts=True,
            unique_fields=["recommendation"],
            update_fields=["group", "likeness"],
        )
        return bool(leaving or changed)

    def _is_centre(self, key: int) -> bool:
        return key > UNDECIDED_CENTRE and self.groups.centre_of(key) == key


def _word_codes_of_public_texts(keys: Sequence[int]) -> dict[int, Words]:
    """Return {key: words} for those of some recommendations that are public now.

    Sessions have a query of their own: in a join SQLite would read all of them first.
    """
    words_by_key = {}
    for start in range(0, len(keys), MAX_TEXTS_PER_STEP):
        rows = Recommendation.objects.order_by().filter(
            pk__in=keys[start : start + MAX_TEXTS_PER_STEP]
        )
        rows = list(rows.values_list("pk", "session_id", "text"))
        sessions = {session for _key, session, _text in rows}
        public = Session.objects.published().order_by().filter(pk__in=sessions)
        public = set(public.values_list("pk", flat=True))
        words_by_key |= {
            key: significant_word_codes(text) for key, session, text in rows if session in public
        }
    return words_by_key
