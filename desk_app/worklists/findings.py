"""Background checks: their duration and their findings."""

import time
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from desk_app.models import CheckedRecord, CheckRun, Finding, LookAlike

from .registry import FixOutcome

SimilarPair = tuple[int, int, str, int]  # two keys, the reason, the similarity in percent
# {(smaller key, larger key): (reason, similarity in percent)}
BestReasons = dict[tuple[int, int], tuple[str, int]]


def run_timed_check(name: str, change_id: int, work: Callable[[], int]) -> int:
    """Do `work` and record when and how long it ran."""
    started = time.monotonic()
    found = work()
    CheckRun.objects.update_or_create(
        name=name,
        defaults={
            "change_id": change_id,
            "seconds": time.monotonic() - started,
            "ended_at": timezone.now(),
        },
    )
    return found


@transaction.atomic
def replace_similar_pairs_of_records(
    label: str, keys: Iterable[int], pairs: Iterable[SimilarPair]
) -> None:
    """Store the pairs of some records of a model, replacing earlier ones.

    Pairs that staff dismissed stay dismissed.
    """
    found = best_reason_of_each_pair(pairs)
    keys = list(keys)
    rows = LookAlike.objects.filter(model=label).filter(Q(first__in=keys) | Q(second__in=keys))
    kept = {(row.first, row.second): row for row in rows}
    gone = [row.pk for key, row in kept.items() if key not in found and row.dismissed_at is None]
    LookAlike.objects.filter(pk__in=gone).delete()
    update_and_add_similar_pairs(label, kept, found)


def best_reason_of_each_pair(pairs: Iterable[SimilarPair]) -> BestReasons:
    """Return the best reason for each pair, of which `pairs` may give several."""
    best: BestReasons = {}
    for one, other, reason, likeness in pairs:
        pair = (min(one, other), max(one, other))
        if pair not in best or best[pair][1] < likeness:
            best[pair] = (reason[:200], likeness)
    return best


def update_and_add_similar_pairs(
    label: str, stored: dict[tuple[int, int], LookAlike], found: BestReasons
) -> None:
    """Give the stored pairs the reasons that were found now, and add the pairs that are new."""
    changed = []
    for pair, row in stored.items():
        if pair in found and (row.reason, row.likeness) != found[pair]:
            row.reason, row.likeness = found[pair]
            changed.append(row)
    LookAlike.objects.bulk_update(changed, ["reason", "likeness"], batch_size=300)
    LookAlike.objects.bulk_create(
        (
            LookAlike(model=label, first=pair[0], second=pair[1], reason=reason, likeness=likeness)
            for pair, (reason, likeness) in found.items()
            if pair not in stored
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )


def dismiss_similar_pairs(keys: list[int], value, user) -> FixOutcome:
    """Mark these pairs as different."""
    rows = LookAlike.objects.filter(pk__in=keys, dismissed_at=None)
    return FixOutcome(rows.update(dismissed_at=timezone.now(), dismissed_by=user))


def dismiss_pairs_with_record(label: str, key: int, others: Iterable[int], user) -> None:
    """Mark a record as different from `others`, whether or not a check found them."""
    for other in others:
        LookAlike.objects.update_or_create(
            model=label,
            first=min(key, other),
            second=max(key, other),
            defaults={"dismissed_at": timezone.now(), "dismissed_by": user},
            create_defaults={
                "reason": gettext_noop("entered as another"),
                "likeness": 0,
                "dismissed_at": timezone.now(),
                "dismissed_by": user,
            },
        )


@transaction.atomic
def replace_findings(names: Iterable[str], found: dict[int, list[tuple[str, str]]]) -> None:
    """Store the findings of these checks: {key of a record: [(name of the check, text)]}.

    Findings that no longer apply are deleted; dismissed ones stay dismissed while their text is unchanged.
    """
    wanted = {(name, key, text[:500]) for key, texts in found.items() for name, text in texts}
    kept = Finding.objects.filter(check_name__in=list(names), key__in=list(found))
    there = {(row.check_name, row.key, row.text): row for row in kept}
    gone = [row.pk for key, row in there.items() if key not in wanted and not row.dismissed_at]
    Finding.objects.filter(pk__in=gone).delete()
    Finding.objects.bulk_create(
        (
            Finding(check_name=name, key=key, text=text)
            for name, key, text in sorted(wanted - set(there))
        ),
        ignore_conflicts=True,
    )


def store_checked_record_states(name: str, states: dict) -> None:
    """Record that a check has examined records: {key: when the record had last changed}."""
    CheckedRecord.objects.bulk_create(
        (CheckedRecord(check_name=name, key=key, state_of=at) for key, at in states.items()),
        update_conflicts=True,
        unique_fields=["check_name", "key"],
        update_fields=["state_of", "checked_at"],
    )


def dismiss_findings(keys: list[int], value, user) -> FixOutcome:
    """Mark these findings as correct."""
    rows = Finding.objects.filter(pk__in=keys, dismissed_at=None)
    return FixOutcome(rows.update(dismissed_at=timezone.now(), dismissed_by=user))
