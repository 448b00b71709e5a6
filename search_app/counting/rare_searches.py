"""Counts of searches with few results, which show staff which words the archive lacks.

Only texts are counted, never people, and a text is stored when it is searched for the third time, so
that a text of a single visitor stays unknown. Until then only a keyed hash is stored. Counts are
collected in memory and written later (`delayed_counts`), so that no search waits for a write.
"""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from search_app.batch_deletion import delete_batch
from search_app.models import SearchCount
from search_app.tokenizer import fold

from .delayed_counts import DelayedCounts

MAX_RARE_HITS = 2  # searches with at most this many hits are counted
MIN_TIMES_TO_STORE_TEXT = 3  # number of times after which the text is stored
MAX_COUNTED_CHARACTERS = 100  # characters
# E-mail addresses and the numbers of people, files and accounts.
_PERSONAL_DATA_PATTERN = re.compile(r"@|\d{3}")
RETENTION_OF_HASHES = timedelta(days=30)
RETENTION_OF_TEXTS = timedelta(days=365)


def count_rare_search(text: str, hits: int) -> None:
    """Count a search text if it found little; the visitor does not wait for the database."""
    text = " ".join(fold(text).split())
    if (
        hits > MAX_RARE_HITS
        or not text
        or len(text) > MAX_COUNTED_CHARACTERS
        or _PERSONAL_DATA_PATTERN.search(text)
    ):
        return
    _delayed_search_counts.add(text, hits)


@transaction.atomic
def _store_counts(gathered: dict[str, tuple[int, int]]) -> None:
    """Write {text: (times, hits last time)}; one query for each text and two more."""
    today = timezone.localdate()
    texts = {_keyed_hash(text): text for text in gathered}
    known = dict(
        SearchCount.objects.filter(digest__in=texts).order_by().values_list("digest", "count")
    )
    for digest, text in sorted(texts.items()):  # sorted, so that two writers cannot deadlock
        times, hits = gathered[text]
        if digest in known:
            total = known[digest] + times
            SearchCount.objects.filter(digest=digest).update(
                count=F("count") + times,
                hits=hits,
                last_on=today,
                text=text if total >= MIN_TIMES_TO_STORE_TEXT else "",
            )
    SearchCount.objects.bulk_create(
        [
            SearchCount(
                digest=digest,
                count=times,
                hits=hits,
                last_on=today,
                text=text if times >= MIN_TIMES_TO_STORE_TEXT else "",
            )
            for digest, text in sorted(texts.items())
            if digest not in known
            for times, hits in [gathered[text]]
        ],
        ignore_conflicts=True,  # another process may have inserted it first
    )


def _keyed_hash(text: str) -> str:
    return salted_hmac("search_app.counting", text, algorithm="sha256").hexdigest()


_delayed_search_counts = DelayedCounts("searches", _store_counts)


def write_search_counts() -> None:
    """Write the collected counts now."""
    _delayed_search_counts.write()


def purge_old_counts(now: datetime | None = None) -> int:
    """Delete hashes of texts that were searched only once, and old texts; return how many."""
    today = timezone.localdate(now)
    unnamed = SearchCount.objects.filter(text="", last_on__lt=today - RETENTION_OF_HASHES)
    old = SearchCount.objects.filter(last_on__lt=today - RETENTION_OF_TEXTS)
    return delete_batch(unnamed) + delete_batch(old)
