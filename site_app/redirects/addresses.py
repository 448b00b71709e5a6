"""Old addresses: each leads directly to the current page. One table for all of them.

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

from search_app.change_log import record_changes
from site_app.models import OldAddress
from site_app.permissions import may_publish

MAX_PATH_CHARACTERS = 700
_PAGE_NUMBER_PARAMETERS = ("p", "page_id", "attachment_id", "cat")
# Query parameters that WordPress accepted on its front page, and the equivalent path.
_PATH_OF_QUERY_PARAMETER = {"tag": "tag", "category_name": "category", "author_name": "author"}
_FRONT_PAGE_PATHS = ("/", "/index.php")
# What WordPress served below a page: its feed, a print version, further pages of comments.
_WORDPRESS_SUBPAGE_ENDING = re.compile(
    r"(?<=/)(?:(?:comments/)?feed(?:/\w+)?|amp|embed|print|trackback|comment-page-\d+|page/\d+|\d{1,2})/$",
    re.I,
)
_DATE_ARCHIVE_PATH = re.compile(r"/\d{4}/(?:\d\d/)?")  # a number after it is a month or a day
_NUMBERED_DATE_ARCHIVE_PATH = re.compile(r"(/\d{4}/(?:\d\d/){0,2})page/\d+/")
_PICTURE_SIZE_SUFFIX = re.compile(r"-\d{1,5}x\d{1,5}(?=\.(?:png|jpe?g|gif|webp)$)")
_FILE_EXTENSION = re.compile(r"\.[a-z0-9]{1,5}$", re.I)
# Characters that mail clients and people leave at the end of a URL.
_STRAY_TRAILING_CHARACTERS = (
    "/.,;:!?()[]{}'*|\\…‘’‚‛„`´\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
)
_STRAY_ENDINGS = ("&gt", "&lt", "&quot", "&nbsp", "&amp", "=20")
_ADDRESS_TERMINATOR = re.compile(r"[\s<>\"“”«»]")  # \s includes the no-break space


def normalise_path(address: str) -> str:
    """Return the normal form in which an address is stored: `address` may have scheme and host.

    "https://www.example.org/social/2019/11/Foo" gives "/2019/11/foo/", "/social/?p=12&x=y" gives
    "/?p=12". Empty for what is not a path, or too long.
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
    if path in _FRONT_PAGE_PATHS and (meant := _path_meant_by_query(parts.query)):
        path = meant
        if path.startswith("/?"):
            return path
    path = path.removeprefix("/index.php") or "/"
    if not path.endswith("/") and not _FILE_EXTENSION.search(path):
        path += "/"
    return path if len(path) <= MAX_PATH_CHARACTERS else ""


def _path_meant_by_query(query: str) -> str:
    """Return what a query of the old site's front page means, "" if unknown."""
    values = {
        name: without_stray_ending(value.lower())
        for name, value in parse_qsl(query, max_num_fields=None)[:20]
    }
    for name in _PAGE_NUMBER_PARAMETERS:
        if (number := values.get(name, "")).isdecimal() and number.isascii():
            return f"/?{'cat' if name == 'cat' else 'p'}={number[:20]}"
    for name, above in _PATH_OF_QUERY_PARAMETER.items():
        if (slug := values.get(name)) and "\x00" not in slug:
            return f"/{above}/{slug}"
    if month := re.fullmatch(r"(\d{4})(\d\d)?(\d\d)?", values.get("m", ""), re.A):
        return "/".join(["", *filter(None, month.groups())])
    if feed := re.fullmatch(r"(comments-)?([a-z]+\d?)", values.get("feed", "")):
        return f"{'/comments' if feed[1] else ''}/feed/{feed[2]}"
    return ""


def without_stray_ending(path: str) -> str:
    """Return a path without what a mail program or a person left at its end, and what follows.

    "/2019/11/foo/)." gives "/2019/11/foo", "/paper.pdf>" gives "/paper.pdf".
    """
    path = _ADDRESS_TERMINATOR.split(path, maxsplit=1)[0]
    while True:
        shorter = path.rstrip(_STRAY_TRAILING_CHARACTERS)
        for ending in _STRAY_ENDINGS:
            shorter = shorter.removesuffix(ending)
        if shorter == path:
            return path
        path = shorter


def paths_possibly_meant(asked: str) -> list[str]:
    """Return the normal addresses that a normal address may mean, the nearest first.

    Without what was left at its end, then without what the old site's program put below a page
    (its feed, a further page), then a picture in its full size.
    """
    if asked.startswith("/?"):
        return [asked]
    forms = [asked]
    path = without_stray_ending(asked)
    path += "" if _FILE_EXTENSION.search(path) else "/"
    forms.append(path)
    while (
        page := _WORDPRESS_SUBPAGE_ENDING.sub("", path)
    ) != path and not _DATE_ARCHIVE_PATH.fullmatch(page):
        path = page
        forms.append(path)
    forms.append(_PICTURE_SIZE_SUFFIX.sub("", path))
    if archive := _NUMBERED_DATE_ARCHIVE_PATH.fullmatch(path):
        forms.append(archive[1])
    return [form for form in dict.fromkeys(forms) if form and (form != "/" or form == asked)]


def add_redirect(old_path: str, new_path: str, origin: str = OldAddress.Origin.RENAMED) -> None:
    """Make `old_path` redirect permanently (301) to `new_path`.

    Redirects to the old path, or below it, are changed to the new one (no chains), and a redirect from the
    new path is deleted, because there is a page again.
    """
    old = normalise_path(old_path)
    if not old or old == new_path:
        return
    with transaction.atomic():
        OldAddress.objects.filter(path=new_path).delete()
        retarget_redirects(old_path, new_path)
        OldAddress.objects.update_or_create(
            path=old, defaults={"leads_to": new_path, "origin": origin}
        )


def store_old_site_redirects(destinations: dict[str, str], *, user=None) -> None:
    """Store {normal address of the old site: path here}; addresses entered by staff are kept.

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
        record_changes("old_address", [0])


def retarget_redirects(old_path: str, new_path: str) -> None:
    """Redirect addresses that lead to `old_path`, or below it, to `new_path`."""
    leading_there = OldAddress.objects.filter(leads_to__startswith=old_path)
    with transaction.atomic():
        turned = leading_there.exclude(path=new_path).update(
            leads_to=Concat(Value(new_path), Substr("leads_to", len(old_path) + 1))
        )
        if turned:
            record_changes("old_address", [0])


def current_slugs_of_old_slugs(prefix: str, slugs: Iterable[str]) -> dict[str, str]:
    """Return {old slug: current slug} for those of `slugs` that were renamed or merged.

    `prefix` is the address above the entry pages, such as "/topics/".
    """
    moves = OldAddress.objects.filter(
        path__in=[f"{prefix}{slug}/" for slug in slugs], leads_to__startswith=prefix
    ).values_list("path", "leads_to")
    return {
        old.removeprefix(prefix).rstrip("/"): new.removeprefix(prefix).rstrip("/")
        for old, new in moves
    }


def old_slugs_of_current_slug(prefix: str, slug: str) -> list[str]:
    """Return the slugs whose pages below `prefix` lead to the page of `slug` now."""
    old = OldAddress.objects.filter(path__startswith=prefix, leads_to=f"{prefix}{slug}/")
    return [path.removeprefix(prefix).rstrip("/") for path in old.values_list("path", flat=True)]


class PageVisibility(Enum):
    """What visitors may know of a page."""

    PUBLIC = "public"
    WITHDRAWN = "withdrawn"  # was public: 410
    HIDDEN = "hidden"  # exists, but is not public: 404
    UNKNOWN = "unknown"  # does not exist: 404


PublicTest = Callable[[str], PageVisibility]
_public_tests: dict[str, PublicTest] = {}
_general: list[tuple[re.Pattern, Callable[[re.Match], str]]] = []


def register_visibility_check(prefix: str):
    """Register a function that returns what visitors may know about a page below `prefix`.

    It is called with the part of the path that identifies the page. An old URL must not reveal the current
    one of a page that is not public, which may contain the title of a draft, or a title given after the
    withdrawal.
    """

    def keep(function: PublicTest) -> PublicTest:
        _public_tests[prefix] = function
        return function

    return keep


def register_pattern_redirect(pattern: str):
    """Register a function for redirects of one form of old URLs, without stored entries.

    It is called with the match of the whole normalised URL; "" means no redirect.
    """

    def keep(function: Callable[[re.Match], str]) -> Callable[[re.Match], str]:
        _general.append((re.compile(pattern), function))
        return function

    return keep


def visibility_of_page(address: str) -> PageVisibility:
    """Return what visitors may know of the page at an address of this site, query and all."""
    path = re.split(r"[?#]", address, maxsplit=1)[0].removeprefix("/api/v1")
    for prefix, test in _public_tests.items():
        if path.startswith(prefix):
            name = path.removeprefix(prefix).partition("/")[0]
            # A list, its feeds and its exports do not identify a record.
            return test(name) if re.fullmatch(r"[-\w]+", name) else PageVisibility.PUBLIC
    return PageVisibility.PUBLIC


def is_record_address(address: str) -> bool:
    """Tell whether an address lies where records have their pages, so that its standing is known."""
    return address.removeprefix("/api/v1").startswith(tuple(_public_tests))


def find_redirect(
    path: str, query: str = ""
) -> tuple[OldAddress | None, str, PageVisibility] | None:
    """Return the entry for a request, the URL to redirect to, and what visitors may
    know about it; None if it is not an old URL. Only a public URL may be revealed.

    URLs below a renamed page (`/sessions/old/cite.bib`) moved with it; WordPress URLs below a page (its feed,
    a small size of a picture) lead to the page itself. URLs that every WordPress site had (its feed, its date
    archives) have no entry.
    """
    asked = normalise_path(f"{path}?{query}" if query else path)
    if not asked:
        return None
    forms = paths_possibly_meant(asked)
    parts = asked.split("/")
    above = "/".join(parts[:3]) + "/" if len(parts) > 3 else ""
    candidates = OldAddress.objects.filter(path__in=[*forms, above]).exclude(leads_to="")
    entries = {entry.path: entry for entry in candidates}
    for form in forms:
        if entry := entries.get(form):
            return entry, entry.leads_to, visibility_of_page(entry.leads_to)
    entry = entries.get(above)
    if entry and entry.origin == OldAddress.Origin.RENAMED and path.startswith(above):
        target = entry.leads_to + path[len(above) :]
        return entry, target, visibility_of_page(target)
    for form in forms:
        for pattern, function in _general:
            if (match := pattern.fullmatch(form)) and (target := function(match)):
                return None, target, visibility_of_page(target)
    return None


_OLD_PAGE_QUERY = re.compile(
    rf"(?:^|&)(?:{'|'.join([*_PAGE_NUMBER_PARAMETERS, *_PATH_OF_QUERY_PARAMETER, 'm', 'feed'])})=\w",
    re.I,
)


def is_old_page_query(path: str, query: str) -> bool:
    """Tell whether a request is for a page of the old site by the query: `/?p=123`, `/?feed=rss2`."""
    if not _OLD_PAGE_QUERY.search(query) or normalise_path(path) != "/":
        return False
    return normalise_path(f"{path}?{query}") != "/"


def add_request_counts(entries: dict[int, int], on) -> None:
    """Add {key: times} to the counts of entries, in one transaction."""
    with transaction.atomic():
        for key, times in entries.items():
            OldAddress.objects.filter(pk=key).update(
                times_asked=F("times_asked") + times, last_asked_on=on
            )
