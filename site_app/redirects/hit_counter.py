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

from .addresses import add_request_counts, normalise_path, paths_possibly_meant

MAX_MISSING_ADDRESSES = 2000  # missing addresses that are stored
MAX_MISSING_ADDRESS_CHARACTERS = 200
MISSING_ADDRESS_RETENTION = timedelta(days=180)
# Paths typical of the old site; requests that probe for vulnerabilities do not look like this.
_PATH_OF_OLD_SITE = re.compile(
    r"/(?:\?(?:p|cat)=\d{1,10}$"
    r"|\d{4}/(?:\d\d/)?[\w/-]*$"
    r"|wp-content/uploads/[\w./-]+$"
    r"|(?:category|tag|author|topic|project)/[\w/-]+$"
    r"|[a-z0-9]+(?:-[a-z0-9]+){2,}/$)"
)
_LONG_NUMBER = re.compile(r"\d{9}")


def count_redirect(entry: OldAddress) -> None:
    _redirect_counts.add(entry.pk)


def count_missing_address(path: str, query: str = "") -> None:
    """Count a request that found nothing, if it looks like an address of the old site.

    Its feed, and its address with a full stop behind it, count as the page.
    """
    address = normalise_path(f"{path}?{query}" if query else path)
    address = paths_possibly_meant(address)[-1] if address else ""
    is_of_old_site = _PATH_OF_OLD_SITE.fullmatch(address) and not _LONG_NUMBER.search(
        address.partition("?")[0]
    )
    if is_of_old_site and len(address) <= MAX_MISSING_ADDRESS_CHARACTERS:
        _missing_address_counts.add(address)


def _write_redirect_counts(gathered):
    add_request_counts({key: times for key, (times, _) in gathered.items()}, timezone.localdate())


def _write_missing_address_counts(gathered):
    today = timezone.localdate()
    missed = {path: times for path, (times, _) in gathered.items()}
    known = OldAddress.objects.filter(path__in=missed)
    add_request_counts(
        {entry.pk: missed[entry.path] for entry in known if not entry.leads_to}, today
    )
    new = sorted(set(missed) - {entry.path for entry in known})
    room = MAX_MISSING_ADDRESSES - OldAddress.objects.filter(leads_to="").count()
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


# By primary key of the redirect.
_redirect_counts = DelayedCounts("requests for old addresses", _write_redirect_counts)
# By path.
_missing_address_counts = DelayedCounts(
    "requests that found nothing", _write_missing_address_counts
)


def write_hit_counts() -> None:
    """Write the collected counts now."""
    _redirect_counts.write()
    _missing_address_counts.write()


def delete_old_missing_addresses(now: datetime | None = None) -> int:
    """Delete addresses without a destination that nobody requests any more, and the rarest if the list is
    full; return how many."""
    nowhere = OldAddress.objects.filter(leads_to="", origin=OldAddress.Origin.ASKED)
    gone = delete_batch(
        nowhere.filter(last_asked_on__lt=timezone.localdate(now) - MISSING_ADDRESS_RETENTION)
    )
    if nowhere.count() >= MAX_MISSING_ADDRESSES:
        rarest = nowhere.order_by("times_asked", "last_asked_on")
        gone += nowhere.filter(
            pk__in=rarest.values_list("pk", flat=True)[: MAX_MISSING_ADDRESSES // 4]
        ).delete()[0]
    return gone
