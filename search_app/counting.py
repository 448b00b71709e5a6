"""Counting the searches that found little, so that staff learn which words the archive lacks.

No person is counted, only texts, and a text is written down when it was asked for the third time:
what one visitor types once stays unknown. Until then there is a keyed hash of it.
"""

import logging
import re
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import SearchCount
from .words import fold

logger = logging.getLogger(__name__)

LITTLE = 2  # hits up to which a search is counted
NAMED_FROM = 3  # times
LONGEST = 100  # characters
# Addresses and numbers of people, files and accounts.
_PRIVATE = re.compile(r"@|\d{3}")
SECRETS_KEPT_FOR = timedelta(days=30)
TEXTS_KEPT_FOR = timedelta(days=365)


def count_search(text: str, hits: int) -> None:
    """Count a search text if it found little; a database that cannot write is no visitor's matter."""
    text = " ".join(fold(text).split())
    if hits > LITTLE or not text or len(text) > LONGEST or _PRIVATE.search(text):
        return
    digest = salted_hmac("search_app.counting", text, algorithm="sha256").hexdigest()
    try:
        with transaction.atomic():
            found, is_new = SearchCount.objects.get_or_create(
                digest=digest, defaults={"hits": hits, "last_on": timezone.localdate()}
            )
            if is_new:
                return
            SearchCount.objects.filter(pk=found.pk).update(
                count=F("count") + 1,
                hits=hits,
                last_on=timezone.localdate(),
                text=text if found.count + 1 >= NAMED_FROM else "",
            )
    except DatabaseError:
        logger.warning("a search could not be counted", exc_info=True)


def forget_old_counts() -> int:
    """Delete hashes nobody asked for again, and texts long out of use; return how many."""
    today = timezone.localdate()
    unnamed = SearchCount.objects.filter(text="", last_on__lt=today - SECRETS_KEPT_FOR)
    old = SearchCount.objects.filter(last_on__lt=today - TEXTS_KEPT_FOR)
    return unnamed.delete()[0] + old.delete()[0]
