"""Counts of requests for old URLs, without delay for readers.

Hits are collected in memory and written later (`search_app.counting.delayed_counts`). Only paths are
counted, never people, and no path that could contain a person's own words.
"""

import re
from datetime import datetime, timedelta

from django.utils import timezone

from search_app.batch_deletion import delete_batch
from search_app.counting.delayed_counts import DelayedCounts
from site_app.models import OldAddress

from .addresses import asked_forms, asked_times, normalise_path

MAX_LISTED = 2000  # missing addresses that are stored
MAX_LISTED_LENGTH = 200
RETENTION_TIME = timedelta(days=180)
# Paths typical of the old site; requests that probe for vulnerabilities do not look like this.
_SHAPES = re.compile(
    r"/(?:\?(?:p|cat)=\d{1,10}$"
    r"|\d{4}/(?:\d\d/)?[\w/-]*$"
    r"|wp-content/uploads/[\w./-]+$"
    r"|(?:category|tag|author|topic|project)/[\w/-]+$"
    r"|[a-z0-9]+(?:-[a-z0-9]+){2,}/$)"
)
_PRIVATE = re.compile(r"\d{9}")


def count_redirect(entry: OldAddress) -> None:
    _led.add(entry.pk)


def count_miss(path: str, query: str = "") -> None:
    """Count a request that found nothing, if it looks like an address of the old site.

    Its feed, and its address with a full stop behind it, count as the page.
    """
    address = normalise_path(f"{path}?{query}" if query else path)
    address = asked_forms(address)[-1] if address else ""
    is_of_old_site = _SHAPES.fullmatch(address) and not _PRIVATE.search(address.partition("?")[0])
    if is_of_old_site and len(address) <= MAX_LISTED_LENGTH:
        _missed.add(address)


def _write_led(gathered):
    asked_times({key: times for key, (times, _) in gathered.items()}, timezone.localdate())


def _write_missed(gathered):
    today = timezone.localdate()
    missed = {path: times for path, (times, _) in gathered.items()}
    known = OldAddress.objects.filter(path__in=missed)
    asked_times({entry.pk: missed[entry.path] for entry in known if not entry.leads_to}, today)
    new = sorted(set(missed) - {entry.path for entry in known})
    room = MAX_LISTED - OldAddress.objects.filter(leads_to="").count()
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
        ignore_conflicts=True,  # another process may have inserted it first
    )


_led = DelayedCounts("requests for old addresses", _write_led)  # by primary key of the redirect
_missed = DelayedCounts("requests that found nothing", _write_missed)  # by path


def write_hit_counts() -> None:
    """Write the collected counts now."""
    _led.write()
    _missed.write()


def purge_old_misses(now: datetime | None = None) -> int:
    """Delete addresses without a destination that nobody requests any more, and the rarest if the list is
    full; return how many."""
    nowhere = OldAddress.objects.filter(leads_to="", origin=OldAddress.Origin.ASKED)
    gone = delete_batch(nowhere.filter(last_asked_on__lt=timezone.localdate(now) - RETENTION_TIME))
    if nowhere.count() >= MAX_LISTED:
        rarest = nowhere.order_by("times_asked", "last_asked_on")
        gone += nowhere.filter(
            pk__in=rarest.values_list("pk", flat=True)[: MAX_LISTED // 4]
        ).delete()[0]
    return gone
