"""Counting how often old addresses are asked for, without making any reader wait.

Hits are gathered in memory and written by a thread of their own some seconds later: a database
busy with an import delays a count, never a redirect. A process that dies loses those seconds.
No person is counted: paths only, and none that could hold a person's own words.
"""

import logging
import re
import threading
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from .models import OldAddress
from .redirects import asked_times, normal

logger = logging.getLogger(__name__)

MOST_GATHERED = 500  # different addresses between two writes
MOST_LISTED = 2000  # addresses that lead nowhere
LONGEST = 200
KEPT_FOR = timedelta(days=180)
# The old site's shapes; what merely probes for a program's weak spots is none of them.
_SHAPES = re.compile(
    r"/(?:\?(?:p|cat)=\d{1,10}$"
    r"|\d{4}/(?:\d\d/)?[\w/-]*$"
    r"|wp-content/uploads/[\w./-]+$"
    r"|(?:category|tag|author|topic|project)/[\w/-]+$"
    r"|[a-z0-9]+(?:-[a-z0-9]+){2,}/$)"
)
_PRIVATE = re.compile(r"\d{9}")

_lock = threading.Lock()
_led: Counter[int] = Counter()  # key of the entry → times
_missed: Counter[str] = Counter()  # path → times
_waiting = False


def count_redirect(entry: OldAddress) -> None:
    _gather(_led, entry.pk)


def count_miss(path: str, query: str = "") -> None:
    """Count a request that found nothing, if it has the shape of an old site's address."""
    address = normal(f"{path}?{query}" if query else path)
    is_of_old_site = _SHAPES.fullmatch(address) and not _PRIVATE.search(address.partition("?")[0])
    if is_of_old_site and len(address) <= LONGEST:
        _gather(_missed, address)


def _gather(counts, key):
    global _waiting
    with _lock:
        if key in counts or len(counts) < MOST_GATHERED:
            counts[key] += 1
        is_first, _waiting = not _waiting, True
    if not is_first:
        return
    seconds = settings.OLD_ADDRESS_COUNT_SECONDS
    if not seconds:
        write()
        return
    timer = threading.Timer(seconds, _write_and_close)
    timer.daemon = True
    timer.start()


def _write_and_close():
    try:
        write()
    finally:
        close_old_connections()
        connection.close()


def write() -> None:
    """Write down what was gathered; a database that cannot write is no reader's matter."""
    global _waiting
    with _lock:
        led, missed, _waiting = dict(_led), dict(_missed), False
        _led.clear()
        _missed.clear()
    try:
        today = timezone.localdate()
        known = OldAddress.objects.filter(path__in=missed)
        asked_times(
            led | {entry.pk: missed[entry.path] for entry in known if not entry.leads_to}, today
        )
        new = sorted(set(missed) - {entry.path for entry in known})
        room = MOST_LISTED - OldAddress.objects.filter(leads_to="").count()
        OldAddress.objects.bulk_create(
            [
                OldAddress(
                    path=path,
                    origin=OldAddress.Origin.ASKED,
                    times_asked=missed[path],
                    last_asked_on=today,
                )
                for path in new[: max(room, 0)]
            ],
            ignore_conflicts=True,  # another process may have been faster
        )
    except DatabaseError:
        logger.warning("requests for old addresses could not be counted", exc_info=True)


def forget_old_misses() -> int:
    """Delete what leads nowhere and nobody asks for any more, and the rarest when the list is
    full; return how many."""
    nowhere = OldAddress.objects.filter(leads_to="", origin=OldAddress.Origin.ASKED)
    gone = nowhere.filter(last_asked_on__lt=timezone.localdate() - KEPT_FOR).delete()[0]
    if nowhere.count() >= MOST_LISTED:
        rarest = nowhere.order_by("times_asked", "last_asked_on")
        gone += nowhere.filter(pk__in=rarest.values_list("pk", flat=True)[: MOST_LISTED // 4]).delete()[0]  # fmt: skip
    return gone
