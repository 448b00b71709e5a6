"""Background checks: how long they took, and keeping what they find."""

import time
from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone

from .models import CheckedRecord, CheckRun, Finding, LookAlike
from .sections import Mended


def timed_run(name: str, change_id: int, work: Callable[[], int]) -> int:
    """Do `work` and note how long it took, and when."""
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


def dismiss_pairs(keys: list[int], value, user) -> Mended:
    """Remember that these pairs are not the same."""
    rows = LookAlike.objects.filter(pk__in=keys, dismissed_at=None)
    return Mended(rows.update(dismissed_at=timezone.now(), dismissed_by=user))


def not_the_same(label: str, key: int, others: Iterable[int], user) -> None:
    """Remember of a record that it is none of `others`, whether or not a check found them."""
    for other in others:
        LookAlike.objects.update_or_create(
            model=label,
            first=min(key, other),
            second=max(key, other),
            defaults={"dismissed_at": timezone.now(), "dismissed_by": user},
            create_defaults={
                "reason": "entered as another",
                "likeness": 0,
                "dismissed_at": timezone.now(),
                "dismissed_by": user,
            },
        )


@transaction.atomic
def keep_findings(names: Iterable[str], found: dict[int, list[tuple[str, str]]]) -> None:
    """Keep what checks of these names found: {key of a record: [(name of the check, text)]}.

    What is found no more goes; what staff dismissed stays dismissed as long as its text is the same.
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


def note_checked(name: str, states: dict) -> None:
    """Note that a check has looked at records: {key: when the record had last changed}."""
    CheckedRecord.objects.bulk_create(
        (CheckedRecord(check_name=name, key=key, state_of=at) for key, at in states.items()),
        update_conflicts=True,
        unique_fields=["check_name", "key"],
        update_fields=["state_of", "checked_at"],
    )


def dismiss_findings(keys: list[int], value, user) -> Mended:
    """Remember that these findings are right as they are."""
    rows = Finding.objects.filter(pk__in=keys, dismissed_at=None)
    return Mended(rows.update(dismissed_at=timezone.now(), dismissed_by=user))
