"""A WordPress export (WXR) as a stream of records. Pure: bytes in, records and refusals out.

The file is cut at the elements that matter, knowing CDATA and comments, and each piece is parsed
by itself: memory is bounded by the largest piece, a broken one costs only itself, and reading can
go on at any offset where one ended. Format: wp-admin/includes/export.php of WordPress 6.1.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import BinaryIO

from lxml import etree

from site_app.numbers import whole_number

MOST_BYTES = 8 * 1024 * 1024  # of one piece; a longer post is no session
MOST_HEAD_BYTES = 256 * 1024
CHUNK = 256 * 1024
LONGEST_TOKEN = 16
# Encodings in which "<", "]" and letters are single bytes that stand for nothing else.
_ENCODINGS = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[rut]")
_KINDS = rb"item|wp:author|wp:category|wp:tag|wp:term"
_TOKEN = re.compile(
    rb"<!\[CDATA\[|<!--|<!DOCTYPE|<!ENTITY|<(?:"
    + _KINDS
    + rb")(?=[\s>])|</(?:"
    + _KINDS
    + rb")\s*>"
)
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_NEXT_ITEM = re.compile(rb"\n[ \t]*<item>\s*<title>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TAG = re.compile(r"<[^<>]*>")
_WITHIN = re.compile(r",? line \d+(?:, column \d+)?")
_NOWHERE = "0000-00-00 00:00:00"
_KEPT_META = {"_thumbnail_id", "_wp_attached_file", "_wp_old_slug", "_wp_attachment_image_alt"}


class NotAnExportError(ValueError):
    """The file is no WordPress export that may be read; the message says why."""


@dataclass(frozen=True)
class Head:
    """What stands before the first piece."""

    encoding: str
    opening: str  # the start tag with its namespaces
    title: str
    url: str  # of the blog, without a closing slash


@dataclass(frozen=True)
class Author:
    login: str
    name: str


@dataclass(frozen=True)
class Term:
    """A category, tag or term of a custom taxonomy; `parent` is a slug."""

    taxonomy: str
    slug: str
    name: str
    parent: str = ""
    description: str = ""
    number: int = 0


@dataclass(frozen=True)
class Remark:
    """A reader's comment, as the old site kept it."""

    number: int
    name: str
    email: str
    body: str  # HTML
    written_at: datetime | None
    is_approved: bool
    reply_to: int


@dataclass
class Item:
    """A post, page, attachment, …; times are aware, addresses as exported."""

    number: int
    type: str
    status: str
    title: str
    line: int = 0
    link: str = ""
    guid: str = ""
    content: str = ""
    excerpt: str = ""
    slug: str = ""
    parent: int = 0
    creator: str = ""
    has_password: bool = False
    published_at: datetime | None = None
    attachment_url: str = ""
    terms: list[tuple[str, str, str]] = field(default_factory=list)  # taxonomy, slug, name
    meta: dict[str, list[str]] = field(default_factory=dict)
    comments: list[Remark] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Refusal:
    """A piece that could not be read; the line is counted from 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class Read:
    """One thing that was read, and where reading can go on after it."""

    record: Author | Term | Item | Refusal
    offset: int
    line: int


def read_head(file: BinaryIO) -> Head:
    """Return what an export says of itself. Raises NotAnExportError if it is none."""
    file.seek(0)
    start = file.read(MOST_HEAD_BYTES)
    if not start.strip():
        raise NotAnExportError("The file is empty.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:200]:
        raise NotAnExportError("The file is UTF-16 or no text; save it as UTF-8.")
    if first := re.search(rb"<(?:" + _KINDS + rb")[\s>]", start):
        start = start[: first.start()]
    declared = re.search(rb"""<\?xml[^>]*?encoding=["']([\w.:-]{1,40})["']""", start[:300])
    encoding = _codec(declared[1].decode("ascii") if declared else "utf-8")
    # WordPress writes comments before the element; a declaration within them is none.
    plain = re.sub(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", b"", start, flags=re.S)
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", plain, re.I):
        raise NotAnExportError("The file declares a document type or entities; no export does.")
    opening = re.search(rb"<rss\s[^>]*>", plain)
    if opening is None:
        raise NotAnExportError("This is no WordPress export: it does not begin with <rss>.")
    tag = opening[0].decode(encoding, "replace")
    root = _parsed(tag, "")
    if not str(root.nsmap.get("wp", "")).startswith("http://wordpress.org/export/"):
        raise NotAnExportError("This is a feed, but no WordPress export: wp: is not declared.")

    def said(name):
        found = re.search(rb"<" + name + rb">(.*?)</" + name + rb">", start, re.S)
        text = found[1].decode(encoding, "replace") if found else ""
        return " ".join(re.sub(r"<!\[CDATA\[|\]\]>", "", text).split())

    url = said(b"wp:base_blog_url") or said(b"link")
    return Head(encoding, tag, said(b"title"), url.rstrip("/"))


def _codec(name):
    try:
        found = codecs.lookup(name).name
    except LookupError:
        raise NotAnExportError(f"The file says that it is {name}, which is unknown.") from None
    if not _ENCODINGS.fullmatch(found):
        raise NotAnExportError(f"The file is {name}; save it as UTF-8.")
    return found


def read(file: BinaryIO, head: Head, offset: int = 0, line: int = 1) -> Iterator[Read]:
    """Yield every author, term and item from `offset` on, which is an offset once yielded.

    Raises NotAnExportError where the file goes on to declare entities.
    """
    scanner = _Scanner(file, offset, line)
    while piece := scanner.next():
        kind, content, at_line, reason = piece
        record = None
        if not reason:
            try:
                record = _record(kind, content, head, at_line)
            except UnicodeDecodeError as error:
                where = at_line + content[: error.start].count(b"\n")
                reason, at_line = f"This is not {head.encoding}; save the export anew.", where
            except etree.XMLSyntaxError as error:
                # Its own lines are those of the piece behind the start tag given to it.
                reason = "Not well-formed: " + _WITHIN.sub("", error.msg)
                at_line += max((error.lineno or 1) - 1 - head.opening.count("\n"), 0)
            except ValueError as error:
                reason = str(error)
        if reason:
            # A piece cut short has swallowed those after it: they are read for themselves.
            if kind == b"item" and (another := _NEXT_ITEM.search(content, 6)):
                scanner.back(len(content) - another.start(), content[another.start() :])
            record = Refusal(at_line, reason)
        if record is not None:
            yield Read(record, scanner.offset, scanner.line)


class _Scanner:
    """Cuts pieces out of a file and knows offset (bytes) and line of what comes next."""

    def __init__(self, file, offset, line):
        self.file, self.offset, self.line = file, offset, line
        file.seek(offset)
        self.buffer, self.at_end = b"", False
        self.last = b""  # the end of what was passed, to see whether the file is whole

    def back(self, count, content):
        """Return to `count` bytes before the offset, where `content` began."""
        self.offset -= count
        self.line -= content.count(b"\n")
        self.file.seek(self.offset)
        self.buffer, self.at_end = b"", False

    def _more(self):
        chunk = self.file.read(CHUNK)
        self.at_end = not chunk
        self.buffer += chunk

    def _pass(self, count):
        passed, self.buffer = self.buffer[:count], self.buffer[count:]
        self.last = (self.last + passed)[-200:]
        self.offset += len(passed)
        self.line += passed.count(b"\n")

    def _find(self, pattern, start):
        """Return where `pattern` matches from `start` on, reading as needed; None at the end.

        Outside a piece (`start` None) what is passed over is forgotten.
        """
        outside, start = start is None, start or 0
        while True:
            if isinstance(pattern, bytes):
                found = self.buffer.find(pattern, start)
                match = (found, found + len(pattern), pattern) if found >= 0 else None
            else:
                found = pattern.search(self.buffer, start)
                match = (found.start(), found.end(), found[0]) if found else None
            # A token at the edge may be longer than what is in hand.
            if match and (match[1] < len(self.buffer) or self.at_end):
                return match
            if self.at_end or (not outside and len(self.buffer) > MOST_BYTES):
                return None
            keep = max(len(self.buffer) - LONGEST_TOKEN, 0)
            if outside:
                self._pass(keep)
            else:
                start = max(start, keep)
            self._more()

    def next(self):
        """Return (kind, bytes, line, reason of refusal or "") of the next piece; None at the end."""
        while token := self._find(_TOKEN, None):
            start, end, text = token
            if text in _ENDS:
                self._pass(end)
                if not (closing := self._find(_ENDS[text], None)):
                    return b"", b"", self.line, "The file is cut off."
                self._pass(closing[1])
            elif text.startswith(b"<!"):
                raise NotAnExportError(
                    f"Line {self.line}: the file declares a document type or entities; "
                    "no export does."
                )
            elif text.startswith(b"</"):
                self._pass(end)
            else:
                self._pass(start)
                return self._piece(text[1:])
        self._pass(len(self.buffer))
        if self.last and not self.last.rstrip().endswith(b"</rss>"):
            self.last = b""
            return b"", b"", self.line, "The file is cut off: its end is missing."
        return None

    def _piece(self, kind):
        line, at = self.line, len(kind) + 1
        while token := self._find(_TOKEN, at):
            _start, at, text = token
            if text in _ENDS:
                if not (closing := self._find(_ENDS[text], at)):
                    break
                at = closing[1]
            elif text.startswith(b"<!"):
                break
            elif text.startswith(b"</") and text[2:].rstrip(b" \t\r\n>") == kind:
                content = self.buffer[:at]
                self._pass(at)
                return kind, content, line, ""
        is_long = len(self.buffer) > MOST_BYTES
        content = self.buffer
        self._pass(len(content))
        if not is_long:
            self.last = b""  # said once
            return kind, content, line, "The file is cut off in the middle of this."
        limit = MOST_BYTES // 1024 // 1024
        return kind, content, line, f"This is longer than {limit} MB, or its end is missing."


def _parsed(opening, piece):
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    return etree.fromstring(f"{opening}{piece}</rss>".encode(), parser)


def _record(kind, content, head, line):
    text = content.decode(head.encoding)
    cleaned = _CONTROL.sub("", text)
    root = _parsed(head.opening, cleaned)
    wp = root.nsmap["wp"]

    def said(parent, name, space=wp):
        found = parent.find(f"{{{space}}}{name}" if space else name)
        return (found.text or "").strip() if found is not None else ""

    def number(parent, name):
        return whole_number(said(parent, name)) or 0

    element = root[0]
    match kind:
        case b"wp:author":
            name = said(element, "author_display_name")
            first, last = said(element, "author_first_name"), said(element, "author_last_name")
            return Author(said(element, "author_login"), f"{first} {last}".strip() or name)
        case b"wp:category":
            taxonomy, slug, name = "category", "category_nicename", "cat_name"
            parent, description = "category_parent", "category_description"
        case b"wp:tag":
            taxonomy, slug, name = "post_tag", "tag_slug", "tag_name"
            parent, description = "tag_parent", "tag_description"
        case b"wp:term":
            taxonomy, slug, name = said(element, "term_taxonomy"), "term_slug", "term_name"
            parent, description = "term_parent", "term_description"
        case _:
            return _item(root, element, line, said, number, is_clean=cleaned == text)
    return Term(
        taxonomy,
        said(element, slug),
        unescape(said(element, name)) or said(element, slug),
        said(element, parent),
        said(element, description),
        number(element, "term_id"),
    )


def _item(root, element, line, said, number, *, is_clean):
    spaces = root.nsmap
    item = Item(
        number=number(element, "post_id"),
        type=said(element, "post_type"),
        status=said(element, "status"),
        title=unescape(_TAG.sub("", said(element, "title", ""))),
        line=line,
        link=said(element, "link", ""),
        guid=said(element, "guid", ""),
        content=said(element, "encoded", spaces.get("content", "-")),
        excerpt=said(element, "encoded", spaces.get("excerpt", "-")),
        slug=said(element, "post_name"),
        parent=number(element, "post_parent"),
        creator=said(element, "creator", spaces.get("dc", "-")),
        has_password=bool(said(element, "post_password")),
        published_at=_time(said(element, "post_date_gmt")) or _time(said(element, "post_date")),
        attachment_url=said(element, "attachment_url"),
    )
    if not item.number or not item.type:
        raise ValueError("An item without number or type.")
    for category in element.findall("category"):
        taxonomy, slug = category.get("domain", ""), category.get("nicename", "")
        if taxonomy and slug:
            item.terms.append((taxonomy, slug, unescape(category.text or "").strip() or slug))
    wp = spaces["wp"]
    for meta in element.findall(f"{{{wp}}}postmeta"):
        key, value = said(meta, "meta_key"), said(meta, "meta_value")
        if value and (key in _KEPT_META or not key.startswith("_")):
            item.meta.setdefault(key, []).append(value)
    for comment in element.findall(f"{{{wp}}}comment"):
        if said(comment, "comment_type") in ("", "comment"):
            item.comments.append(
                Remark(
                    number=number(comment, "comment_id"),
                    name=said(comment, "comment_author"),
                    email=said(comment, "comment_author_email"),
                    body=said(comment, "comment_content"),
                    written_at=_time(said(comment, "comment_date_gmt"))
                    or _time(said(comment, "comment_date")),
                    is_approved=said(comment, "comment_approved") == "1",
                    reply_to=number(comment, "comment_parent"),
                )
            )
    if not is_clean:
        item.remarks.append("Control characters were left out.")
    return item


def _time(text):
    if not text or text == _NOWHERE:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
