"""Advice given again and again: recommendations of several sessions that say much the same.

Two texts are alike by the cosine of their words, each word weighted by how rare it is. A group has
a centre, the text with most texts like it, and every member is like the centre; so no chain of
small likenesses joins what has nothing in common.
"""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from search_app import changes
from search_app.similar import told_words

from .models import Recommendation, Recurrence, RecurrenceRun
from .querysets import is_public

ALIKE = 0.6  # cosine from which on two texts advise the same
FEWEST_WORDS = 3  # a shorter text is too vague to be compared
RAREST = 6  # words of a text by which others like it are looked for; two alike share one of them
LONGEST_LIST = 2000  # texts with one word, beyond which it tells nothing
BATCH = 2000


def groups(texts: Iterable[tuple[int, str]]) -> list[list[tuple[int, float]]]:
    """Return groups of the keys of texts that are alike, each with its likeness to the centre.

    A group begins with its centre and has at least two members; larger groups come first. The
    same texts in the same order give the same groups.
    """
    keys_of: dict[frozenset[str], list[int]] = defaultdict(list)
    for key, text in texts:
        told = frozenset(told_words(text))
        if len(told) >= FEWEST_WORDS:
            keys_of[told].append(key)
    distinct = list(keys_of)
    alike = _alike(distinct)
    weight = [len(keys_of[told]) for told in distinct]
    # The centre of the largest group first; what it takes is no longer there for others.
    size = {each: weight[each] + sum(weight[other] for other in alike[each]) for each in alike}
    left = set(range(len(distinct)))
    found = []
    for centre in sorted(size, key=lambda each: (-size[each], keys_of[distinct[each]][0])):
        if centre not in left:
            continue
        members = [(centre, 1.0), *((o, s) for o, s in alike[centre].items() if o in left)]
        left.difference_update(member for member, _likeness in members)
        rows = [(key, s) for member, s in members for key in keys_of[distinct[member]]]
        if len(rows) > 1:
            found.append(rows)
    return sorted(found, key=lambda rows: -len(rows))


def _alike(distinct: list[frozenset[str]]) -> dict[int, dict[int, float]]:
    """Return {place: {place of another: likeness}} for sets of words."""
    frequency = Counter(word for told in distinct for word in told)
    total = len(distinct) + 1
    rarity = {word: math.log(1 + total / count) for word, count in frequency.items()}
    length = [math.sqrt(sum(rarity[word] ** 2 for word in told)) for told in distinct]
    rarest = [sorted(told, key=lambda word: (-rarity[word], word))[:RAREST] for told in distinct]
    with_word: dict[str, list[int]] = defaultdict(list)
    for place, told in enumerate(distinct):
        for word in told:
            with_word[word].append(place)
    alike: dict[int, dict[int, float]] = {place: {} for place in range(len(distinct))}
    for place, told in enumerate(distinct):
        lists = [with_word[word] for word in rarest[place]]
        candidates = {o for each in lists if len(each) <= LONGEST_LIST for o in each}
        for other in candidates:
            if other == place or other in alike[place]:
                continue
            shared = sum(rarity[word] ** 2 for word in told & distinct[other])
            likeness = shared / (length[place] * length[other])
            if likeness >= ALIKE:
                alike[place][other] = alike[other][place] = likeness
    return alike


@dataclass(frozen=True)
class Recurs:
    """How often a recommendation's advice was given, its own session included."""

    group: int
    sessions: int
    first_year: int | None
    last_year: int | None


def recurrence_of(recommendation: Recommendation) -> Recurs | None:
    """Return how often public sessions gave this advice, None if but once; one query."""
    own = Recurrence.objects.filter(recommendation=recommendation).values("group")
    members = Recurrence.objects.filter(is_public("recommendation__session__"), group__in=own)
    found = members.order_by().aggregate(
        group=Min("group"),
        sessions=Count("recommendation__session", distinct=True),
        first=Min("recommendation__session__held_on"),
        last=Max("recommendation__session__held_on"),
    )
    if found["sessions"] < 2:
        return None
    years = [found[name].year if found[name] else None for name in ("first", "last")]
    return Recurs(found["group"], found["sessions"], *years)


def regroup() -> int:
    """Group all public advice anew if any changed since the last time; return how many groups.

    Nothing is done while the last run was so long that another would take too much of the time.
    """
    newest = changes.newest_of("recommendation")
    last = RecurrenceRun.objects.first()
    if last and (newest == last.change_id or not last.is_due):
        return 0
    started = time.monotonic()
    texts = Recommendation.objects.published().order_by("pk").values_list("pk", "text")
    found = groups(texts.iterator(chunk_size=BATCH))
    with transaction.atomic():
        Recurrence.objects.all().delete()
        Recurrence.objects.bulk_create(
            (
                Recurrence(recommendation_id=key, group=rows[0][0], likeness=likeness)
                for rows in found
                for key, likeness in rows
            ),
            batch_size=BATCH,
        )
        RecurrenceRun.objects.all().delete()
        RecurrenceRun.objects.create(
            change_id=newest, seconds=time.monotonic() - started, ended_at=timezone.now()
        )
    return len(found)
