"""The contents of an export, collected in one pass before anything is written. Pure."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from site_app.redirects.addresses import normalise_path

from . import wxr

_PATH_BELOW_UPLOADS = re.compile(
    r"/(?:wp-content/uploads|wp-content/blogs\.dir/\d+/files|files)/(.+)$", re.I
)
_PICTURE_SIZE_SUFFIX = re.compile(r"(?:-\d{1,5}x\d{1,5}|-scaled|-e\d{10,13})(?=\.\w{1,5}$)")
MAX_TERM_DEPTH = 20  # levels in a tree of terms
REASON_TO_LEAVE_OUT_STATUS = {
    "trash": "it is in the trash of the old site",
    "auto-draft": "it was never saved",
    "inherit": "it is an earlier version",
}


@dataclass(frozen=True)
class Attachment:
    """A file of the old site; `path` is relative to its folder of uploads."""

    number: int
    title: str
    path: str
    parent: int
    url: str
    link: str
    alt: str = ""  # alternative text of a picture


@dataclass
class ExportSurvey:
    """The export as a whole. Counts are by (kind, source), as mapping rules are."""

    head: wxr.ExportHead
    terms: dict[tuple[str, str], wxr.WxrTerm] = field(default_factory=dict)
    authors: dict[str, wxr.WxrAuthor] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    by_path: dict[str, int] = field(default_factory=dict)
    by_parent: dict[int, list[int]] = field(default_factory=dict)
    pages: dict[int, str] = field(default_factory=dict)  # ID: slug
    above: dict[int, int] = field(default_factory=dict)  # ID of a page: ID of its parent
    pages_below_count: Counter = field(default_factory=Counter)  # ID: number of descendant pages
    # Normalised URLs of posts that may become sessions.
    posts: set[str] = field(default_factory=set)
    # Post type and a taxonomy that its posts use.
    filed: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter = field(default_factory=Counter)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    items: int = 0
    refusals: list[wxr.RefusedPiece] = field(default_factory=list)

    def term_and_ancestors(self, taxonomy: str, slug: str) -> list[str]:
        """Return the slugs of a term and of all above it, from the term up; a circle is cut."""
        slugs: list[str] = []
        while slug and slug not in slugs and len(slugs) < MAX_TERM_DEPTH:
            slugs.append(slug)
            term = self.terms.get((taxonomy, slug))
            slug = term.parent if term else ""
        return slugs

    @property
    def cut_off_piece(self) -> wxr.RefusedPiece | None:
        """Where the file ends before its end, if it does."""
        return next((refusal for refusal in self.refusals if refusal.is_cut), None)

    def is_on_old_site(self, url: str) -> bool:
        """Tell whether an address is of the old site; relative ones are."""
        host = _host_without_www(url)
        return not host or host == _host_without_www(self.head.url)

    def upload_path(self, url: str) -> str:
        """Return the path below the folder of uploads, empty for any other address."""
        if not self.is_on_old_site(url):
            return ""
        match = _PATH_BELOW_UPLOADS.search(_decoded_path(url))
        return match[1] if match else ""

    def attachment_at(self, url: str) -> Attachment | None:
        """Return the attachment whose file, or a smaller size of it, is at `url`."""
        path = self.upload_path(url).lower()
        for candidate in (
            path,
            _PICTURE_SIZE_SUFFIX.sub("", path),
            _PICTURE_SIZE_SUFFIX.sub("-scaled", path),
        ):
            if candidate and candidate in self.by_path:
                return self.attachments[self.by_path[candidate]]
        return None

    def old_addresses(self, *urls: str) -> list[str]:
        """Return the addresses as the ledger keeps them, with and without the blog's own path."""
        below = _decoded_path(self.head.url).rstrip("/").lower()
        paths = []
        for url in urls:
            if not url or not self.is_on_old_site(url):
                continue
            address = normalise_path(url)
            paths.append(address)
            if below and address.startswith(f"{below}/"):
                paths.append(address.removeprefix(below))
        return [address for address in dict.fromkeys(paths) if address not in ("", "/")]


def _host_without_www(url):
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return "?"


def _decoded_path(url):
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def survey_export(file: BinaryIO) -> ExportSurvey:
    """Read an export once, without its texts. Raises NotAnExportError; broken items are listed."""
    inventory = ExportSurvey(wxr.read_export_head(file))
    for piece in wxr.read_export(file, inventory.head):
        match piece.record:
            case wxr.WxrAuthor() as author:
                inventory.authors[author.login] = author
                inventory.labels["author", author.login] = author.name
                inventory.counts["author", author.login] += 0
            case wxr.WxrTerm() as term:
                inventory.terms[term.taxonomy, term.slug] = term
                inventory.counts["taxonomy", term.taxonomy] += 0
                inventory.labels["term", f"{term.taxonomy}/{term.slug}"] = term.name
                inventory.counts["term", f"{term.taxonomy}/{term.slug}"] += 0
            case wxr.RefusedPiece() as refusal:
                inventory.refusals.append(refusal)
            case wxr.WxrItem() as item:
                _add_item(inventory, item)
    for taxonomy, slug in {(term.taxonomy, term.parent) for term in inventory.terms.values()}:
        if slug:  # an undeclared parent has a rule too, which applies to its child terms
            inventory.counts["term", f"{taxonomy}/{slug}"] += 0
    for number in inventory.pages_below_count:
        if parent := inventory.pages.get(number):
            inventory.counts["pages below", parent] += inventory.pages_below_count[number]
    return inventory


def _add_item(found, item):
    found.items += 1
    found.counts["post type", item.type] += 1
    if item.type == "attachment":
        url = item.attachment_url or item.guid
        path = found.upload_path(url) or next(iter(item.meta.get("_wp_attached_file", [])), "")
        found.attachments[item.number] = Attachment(
            item.number,
            item.title,
            path,
            item.parent,
            url,
            item.link,
            next(iter(item.meta.get("_wp_attachment_image_alt", [])), ""),
        )
        found.by_path[path.lower()] = item.number
        if item.parent:
            found.by_parent.setdefault(item.parent, []).append(item.number)
        return
    if item.status in REASON_TO_LEAVE_OUT_STATUS:
        return
    found.posts.update(found.old_addresses(item.link))
    if item.type == "page":
        found.pages[item.number] = item.slug
        found.above[item.number] = item.parent
        if item.parent:
            found.pages_below_count[item.parent] += 1
    for taxonomy, slug, name in item.terms:
        found.filed.add((item.type, taxonomy))
        found.counts["taxonomy", taxonomy] += 1
        found.counts["term", f"{taxonomy}/{slug}"] += 1
        found.labels.setdefault(("term", f"{taxonomy}/{slug}"), name)
    if item.creator in found.authors:
        found.counts["author", item.creator] += 1
