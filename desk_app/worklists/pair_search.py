"""Search for duplicates in steps: all records from time to time, changed ones in between.

Each step stores the pairs it found and how far it came, so the search can be interrupted anywhere.
Until the first full search has finished, not all pairs are listed; those listed are similar now.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from desk_app.models import CheckRun, LookAlike
from search_app import change_log

from .findings import (
    BestReasons,
    SimilarPair,
    best_reason_of_each_pair,
    update_and_add_similar_pairs,
)

RECORDS_PER_STEP = 200  # a step takes some tenths of a second
KEYS_PER_STATEMENT = 1000  # or rows
# A new release may compare differently, and a name that has become common is weaker evidence.
FULL_SEARCH_INTERVAL = timedelta(days=7)


class PairFinder(Protocol):
    """Finds similar records, in a copy of the data from when it was created."""

    def similar_pairs_of(
        self, keys: Iterable[int], *, with_earlier: bool = True
    ) -> Iterable[SimilarPair]:
        """Yield the pairs with a record of `keys`; a pair may be repeated.

        Without `with_earlier`, pairs whose other record has a smaller key may be left out.
        """


@dataclass(frozen=True)
class PairSearch:
    """A check for duplicates of `model`, known by its `name`.

    `finder` reads what is compared; the change log says which records changed.
    """

    name: str
    model: type[Model]
    finder: Callable[[], PairFinder]


def update_similar_pairs(search: PairSearch, seconds: float | None = None) -> int:
    """Update the pairs of similar records; return how many records were examined.

    Works for about `seconds`, at least one step; without a limit until all is done. Returns 0 if
    nothing is left to do or another process does it.
    """
    ends_at = None if seconds is None else time.monotonic() + seconds
    run, _is_new = CheckRun.objects.get_or_create(name=search.name)
    finder, looked = None, 0
    while step := _next_step(search.model, run):
        began = time.monotonic()
        if step.keys and finder is None:
            finder = search.finder()
        pairs = _best_pairs_of_step(finder, step) if step.keys else {}
        if not _store_step_if_current(search, run, step, pairs, time.monotonic() - began):
            break
        looked += len(step.keys)
        if ends_at is not None and time.monotonic() >= ends_at:
            break
    return looked


@dataclass
class _SearchStep:
    """Records to examine: those after the key `after` up to `until`, or those that changed."""

    keys: list[int]
    after: int | None = None
    until: int | None = None

    @property
    def is_part_of_full_search(self):
        return self.after is not None

    def condition_on_stored_pairs(self):
        """Return the stored pairs that this step examines again."""
        if not self.is_part_of_full_search:
            return Q(first__in=self.keys) | Q(second__in=self.keys)
        rows = Q(first__gt=self.after)
        return rows if self.until is None else rows & Q(first__lte=self.until)


def _next_step(model, run) -> _SearchStep | None:
    """Return what to examine next, and advance `run`."""
    if run.scanned_to is None:
        now = timezone.now()
        began = run.went_through_at
        is_recent = began is not None and began <= now < began + FULL_SEARCH_INTERVAL
        if is_recent and change_log.has_all_changes_after(run.position):
            keys, reached = change_log.keys_changed_after(
                run.position, model._meta.model_name, RECORDS_PER_STEP
            )
            if keys is not None:
                if reached == run.position:
                    return None
                run.position = reached
                return _SearchStep(keys)
        run.scanned_to, run.went_through_at = 0, now
        run.position = change_log.newest_position()  # later changes are processed after the scan
    after = run.scanned_to
    rest = model._base_manager.filter(pk__gt=after).order_by("pk")
    keys = list(rest.values_list("pk", flat=True)[:RECORDS_PER_STEP])
    run.scanned_to = keys[-1] if len(keys) == RECORDS_PER_STEP else None
    return _SearchStep(keys, after, run.scanned_to)


def _best_pairs_of_step(finder, step) -> BestReasons:
    best = best_reason_of_each_pair(
        finder.similar_pairs_of(step.keys, with_earlier=not step.is_part_of_full_search)
    )
    if not step.is_part_of_full_search:
        return best
    # Other pairs belong to the step of their first record.
    wanted = set(step.keys)
    return {pair: reason for pair, reason in best.items() if pair[0] in wanted}


def _store_step_if_current(search, run, step, found, seconds) -> bool:
    """Store a step; False if another process was faster."""
    with transaction.atomic():
        is_ours = CheckRun.objects.filter(pk=run.pk, version=run.version).update(
            change_id=run.change_id,
            change_mark=run.change_mark,
            scanned_to=run.scanned_to,
            went_through_at=run.went_through_at,
            version=run.version + 1,
            seconds=(run.seconds if step.after else 0) + seconds,
            **({"ended_at": timezone.now()} if run.scanned_to is None else {}),
        )
        if not is_ours:
            return False
        run.version += 1
        run.seconds = (run.seconds if step.after else 0) + seconds
        _replace_stored_pairs(search.model, step.condition_on_stored_pairs(), found)
    return True


def _replace_stored_pairs(model, rows, found) -> None:
    """Store the current pairs; those that staff dismissed stay dismissed."""
    label = model._meta.label_lower
    kept = {(row.first, row.second): row for row in LookAlike.objects.filter(rows, model=label)}
    existing = _existing_keys(model, {key for pair in (*kept, *found) for key in pair})
    gone = [
        row.pk
        for pair, row in kept.items()
        if (pair not in found and row.dismissed_at is None) or not existing.issuperset(pair)
    ]
    for start in range(0, len(gone), KEYS_PER_STATEMENT):
        LookAlike.objects.filter(pk__in=gone[start : start + KEYS_PER_STATEMENT]).delete()
    found = {pair: reason for pair, reason in found.items() if existing.issuperset(pair)}
    update_and_add_similar_pairs(label, kept, found)


def _existing_keys(model, keys) -> set[int]:
    keys, existing = sorted(keys), set()
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        rows = model._base_manager.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT])
        existing |= set(rows.values_list("pk", flat=True))
    return existing
