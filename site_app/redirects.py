"""Old addresses: each leads straight to where its page is now. One ledger for all of them.

Renamed and merged pages leave one, the import of the old site brings its permalinks, and what
readers ask for in vain is listed so that staff can lead it somewhere.
"""

import re
from collections.abc import Callable, Iterable
from enum import Enum
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from search_app.changes import record

from .models import OldAddress
from .permissions import may_publish

LONGEST = 700
_PAGE_NUMBERS = ("p", "page_id", "attachment_id", "cat")
_FRONT = ("/", "/index.php")
# What the old site's program put below a page: its feed, its printer, further pages of comments.
_BELOW = re.compile(
    r"(?:feed(?:/\w+)?|amp|embed|trackback|comment-page-\d+|page/\d+|\d{1,2})/$", re.I
)
_SIZED_PICTURE = re.compile(r"-\d{1,5}x\d{1,5}(?=\.(?:png|jpe?g|gif|webp)$)")
_FILE = re.compile(r"\.[a-z0-9]{1,5}$")


def normal(address: str) -> str:
    """Return the form in which the ledger keeps an address: `address` may have scheme and host.

    "https://www.example.org/social/2019/11/Foo" gives "/2019/11/foo/", "/social/?p=12&x=y" gives
    "/?p=12". Empty for what is no path or too long.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = re.sub(r"/{2,}", "/", unquote(parts.path) or "/").lower()
    if not path.startswith("/") or "\x00" in path:
        return ""
    for prefix in settings.OLD_SITE_PREFIXES:
        if path == prefix or path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix) or "/"
    if path in _FRONT:
        query = dict(parse_qsl(parts.query, max_num_fields=None)[:20])
        for name in _PAGE_NUMBERS:
            if (number := query.get(name, "")).isdecimal() and number.isascii():
                return f"/?{'cat' if name == 'cat' else 'p'}={number[:20]}"
    path = path.removeprefix("/index.php") or "/"
    if not path.endswith("/") and not _FILE.search(path):
        path += "/"
    return path if len(path) <= LONGEST else ""


def keep_address(old_path: str, new_path: str, origin: str = OldAddress.Origin.RENAMED) -> None:
    """Let `old_path` answer 301 to `new_path`, for ever.

    What led to the old path, or below it, is turned to the new one (no chains), and an entry that
    starts at the new path goes, since a page stands there again.
    """
    old = normal(old_path)
    if not old or old == new_path:
        return
    with transaction.atomic():
        OldAddress.objects.filter(path=new_path).delete()
        turn(old_path, new_path)
        OldAddress.objects.update_or_create(
            path=old, defaults={"leads_to": new_path, "origin": origin}
        )


def keep_old_site(destinations: dict[str, str], *, user=None) -> None:
    """Keep {normal address of the old site: path here}; what staff entered stays as it is.

    What leads somewhere already is turned for those who may publish only; None: a command.
    """
    known = {entry.path: entry for entry in OldAddress.objects.filter(path__in=list(destinations))}
    changed = []
    for path, entry in known.items():
        if entry.leads_to and not may_publish(user):
            continue
        if entry.origin != OldAddress.Origin.STAFF and entry.leads_to != destinations[path]:
            entry.leads_to, entry.origin = destinations[path], OldAddress.Origin.OLD_SITE
            changed.append(entry)
    added = [
        OldAddress(path=path, leads_to=target, origin=OldAddress.Origin.OLD_SITE)
        for path, target in destinations.items()
        if path not in known and path != target
    ]
    if not (changed or added):
        return
    with transaction.atomic():
        OldAddress.objects.bulk_update(changed, ["leads_to", "origin"], batch_size=200)
        OldAddress.objects.bulk_create(added, batch_size=200)
        record("old_address", [0])


def turn(old_path: str, new_path: str) -> None:
    """Let what leads to `old_path`, or to what lies below it, lead to `new_path`."""
    leading_there = OldAddress.objects.filter(leads_to__startswith=old_path)
    with transaction.atomic():
        turned = leading_there.exclude(path=new_path).update(
            leads_to=Concat(Value(new_path), Substr("leads_to", len(old_path) + 1))
        )
        if turned:
            record("old_address", [0])


def successors(prefix: str, slugs: Iterable[str]) -> dict[str, str]:
    """Return {old slug: present slug} for those of `slugs` that were renamed or merged.

    `prefix` is the address above the entry pages, such as "/topics/".
    """
    found = OldAddress.objects.filter(
        path__in=[f"{prefix}{slug}/" for slug in slugs], leads_to__startswith=prefix
    ).values_list("path", "leads_to")
    return {
        old.removeprefix(prefix).rstrip("/"): new.removeprefix(prefix).rstrip("/")
        for old, new in found
    }


# --- where a request for an old address goes ------------------------------------------------------


class Standing(Enum):
    """What visitors may know of a page."""

    PUBLIC = "public"
    WITHDRAWN = "withdrawn"  # was public once: 410
    UNKNOWN = "unknown"  # never was, or is not there: 404


PublicTest = Callable[[str], Standing]
_public_tests: dict[str, PublicTest] = {}


def tells_public(prefix: str):
    """Register a function that says what visitors may know of the page at a path below `prefix`.

    No old address may tell the present one of a page that is not public: there stands the title
    of a draft, or one that was given after the withdrawal.
    """

    def keep(function: PublicTest) -> PublicTest:
        _public_tests[prefix] = function
        return function

    return keep


def standing_of_page(path: str) -> Standing:
    for prefix, test in _public_tests.items():
        if path.startswith(prefix):
            return test(path)
    return Standing.PUBLIC


def destination(path: str, query: str = "") -> tuple[OldAddress, str, Standing] | None:
    """Return the ledger's entry for a request, the address to send it to, and what visitors may
    know of that; None if the ledger has no entry. Only a public address may be told.

    What lay below a renamed page (`/sessions/old/cite.bib`) moved with it; what the old site had
    below a page (its feed, a small size of a picture) leads to the page itself.
    """
    asked = normal(f"{path}?{query}" if query else path)
    if not asked:
        return None
    parts = asked.split("/")
    above = "/".join(parts[:3]) + "/" if len(parts) > 3 else ""
    shortened = {_BELOW.sub("", asked), _SIZED_PICTURE.sub("", asked)} - {asked, "/"}
    candidates = [asked, *sorted(shortened), above]
    found = OldAddress.objects.filter(path__in=candidates).exclude(leads_to="")
    entries = {entry.path: entry for entry in found}
    for candidate in candidates:
        entry = entries.get(candidate)
        if entry is None:
            continue
        target = entry.leads_to
        if candidate == above != asked:
            if entry.origin != OldAddress.Origin.RENAMED or not path.startswith(above):
                continue
            target += path[len(above) :]
        return entry, target, standing_of_page(target)
    return None


_BY_NUMBER = re.compile(rf"(?:^|&)(?:{'|'.join(_PAGE_NUMBERS)})=\d")


def is_page_number(path: str, query: str) -> bool:
    """Tell whether a request is for a page of the old site by its number: `/?p=123`."""
    return bool(_BY_NUMBER.search(query)) and normal(f"{path}?{query}").startswith("/?")


def asked_times(entries: dict[int, int], on) -> None:
    """Add {key: times} to the counts of entries, in one transaction."""
    with transaction.atomic():
        for key, times in entries.items():
            OldAddress.objects.filter(pk=key).update(
                times_asked=F("times_asked") + times, last_asked_on=on
            )
