"""A WordPress export (WXR) as a stream of records. Pure: bytes in, records and refusals out.

The file is cut at the elements that matter, knowing CDATA and comments, and each piece is parsed
by itself: memory is bounded by the largest piece, a broken one costs only itself, and reading can
go on at any offset where one ended. Format: wp-admin/includes/export.php of WordPress 6.1.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import BinaryIO

from lxml import etree

from site_app.text.numbers import parse_whole_number

from .piece_scanner import CUT_OFF_REASON, PIECE_TAGS, NotAnExportError, PieceScanner

MAX_HEAD_BYTES = 256 * 1024
# Encodings in which "<", "]" and letters are single bytes with no other meaning.
_READABLE_ENCODING = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[rut]")
_ITEM_TITLE = re.compile(rb"<title>(?:<!\[CDATA\[)?([^<\]]{1,300})")
_NEXT_ITEM_START = re.compile(rb"\n[ \t]*<item>\s*<title>")
# Bytes with the same meaning in the Windows code pages of East and West: quotes, dashes, the
# no-break space.
_CHARACTER_OF_STRAY_BYTE = {
    byte: bytes([byte]).decode("cp1252")
    for byte in (0x82, 0x84, 0x85, 0x86, 0x87, 0x89, 0x8B, *range(0x91, 0x98), 0x99, 0x9B, 0xA0)
}
_C1_CONTROL_CHARACTER = re.compile("[\x80-\x9f]")
_TWICE_ENCODED_CHARACTERS = re.compile(
    "â€[\u0153\u009d\u2122\u02dc\u201c\u201d\u00a6]|Ã[\u00a9\u00a8\u00bc\u00b6\u00a4]"
)
_FORBIDDEN_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HTML_TAG = re.compile(r"<[^<>]*>")
# As PHP serialises them.
_EMPTY_PHP_ARRAY = re.compile(r"a:\d+:\{(?:(?:i:\d+;|s:\d+:\"[^\"]*\";)(?:N;|b:0;|s:0:\"\";))*\}")
_LINE_AND_COLUMN_IN_ERROR = re.compile(r",? line \d+(?:, column \d+)?")
_ZERO_TIME = "0000-00-00 00:00:00"
_KEPT_PRIVATE_META_KEYS = {
    "_thumbnail_id",
    "_wp_attached_file",
    "_wp_old_slug",
    "_wp_attachment_image_alt",
}


@dataclass(frozen=True)
class ExportHead:
    """The part of the file before the first piece."""

    encoding: str
    opening: str  # the start tag, including namespaces
    title: str
    url: str  # of the blog, without a trailing slash


@dataclass(frozen=True)
class WxrAuthor:
    login: str
    name: str


@dataclass(frozen=True)
class WxrTerm:
    """A category, tag or term of a custom taxonomy; `parent` is a slug."""

    taxonomy: str
    slug: str
    name: str
    parent: str = ""
    description: str = ""
    number: int = 0


@dataclass(frozen=True)
class WxrComment:
    """A reader's comment, as the old site kept it."""

    number: int
    name: str
    email: str
    body: str  # HTML
    written_at: datetime | None
    is_approved: bool
    reply_to: int


@dataclass
class WxrItem:
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
    comments: list[WxrComment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RefusedPiece:
    """A piece that could not be read; the line is counted from 1."""

    line: int
    reason: str
    is_cut: bool = False  # the file ends within this element
    title: str = ""


@dataclass(frozen=True)
class ReadPiece:
    """One thing that was read, and where reading can go on after it."""

    record: WxrAuthor | WxrTerm | WxrItem | RefusedPiece
    offset: int
    line: int


def read_export_head(file: BinaryIO) -> ExportHead:
    """Return the metadata of an export. Raises NotAnExportError if it is not one."""
    file.seek(0)
    start = file.read(MAX_HEAD_BYTES)
    if not start.strip():
        raise NotAnExportError("The file is empty.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:200]:
        raise NotAnExportError("The file is UTF-16 or not text; save it as UTF-8.")
    if first := re.search(rb"<(?:" + PIECE_TAGS + rb")[\s>]", start):
        start = start[: first.start()]
    declared = re.search(rb"""<\?xml[^>]*?encoding=["']([\w.:-]{1,40})["']""", start[:300])
    encoding = _readable_codec_name(declared[1].decode("ascii") if declared else "utf-8")
    # WordPress writes comments before the element; a declaration in a comment does not count.
    plain = re.sub(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", b"", start, flags=re.S)
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", plain, re.I):
        raise NotAnExportError("The file declares a document type or entities; no export does.")
    opening = re.search(rb"<rss\s[^>]*>", plain)
    if opening is None:
        raise NotAnExportError("This is not a WordPress export: it does not begin with <rss>.")
    tag = opening[0].decode(encoding, "replace")
    root = _parse_xml_piece(tag, "")
    if not str(root.nsmap.get("wp", "")).startswith("http://wordpress.org/export/"):
        raise NotAnExportError("This is a feed, but not a WordPress export: wp: is not declared.")

    def said(name):
        found = re.search(rb"<" + name + rb">(.*?)</" + name + rb">", start, re.S)
        text = found[1].decode(encoding, "replace") if found else ""
        return " ".join(re.sub(r"<!\[CDATA\[|\]\]>", "", text).split())

    url = said(b"wp:base_blog_url") or said(b"link")
    return ExportHead(encoding, tag, said(b"title"), url.rstrip("/"))


def _readable_codec_name(name):
    try:
        found = codecs.lookup(name).name
    except LookupError:
        raise NotAnExportError(f"The file says that it is {name}, which is unknown.") from None
    if not _READABLE_ENCODING.fullmatch(found):
        raise NotAnExportError(f"The file is {name}; save it as UTF-8.")
    return found


def read_export(
    file: BinaryIO, head: ExportHead, offset: int = 0, line: int = 1
) -> Iterator[ReadPiece]:
    """Yield every author, term and item from `offset` on, which must be an offset yielded earlier.

    Raises NotAnExportError if the file declares entities.
    """
    scanner = PieceScanner(file, offset, line)
    while piece := scanner.next_piece():
        kind, content, at_line, reason = piece
        record = None
        if not reason:
            try:
                record = _parse_record(kind, content, head, at_line)
            except UnicodeDecodeError as error:
                where = at_line + content[: error.start].count(b"\n")
                byte = content[error.start]
                reason = f"The byte {byte:#04x} is not {head.encoding}; save the export as UTF-8."
                at_line = where
            except etree.XMLSyntaxError as error:
                # Line numbers in the message count the start tag that was prepended to the piece.
                reason = "Not well-formed: " + _LINE_AND_COLUMN_IN_ERROR.sub("", error.msg)
                at_line += max((error.lineno or 1) - 1 - head.opening.count("\n"), 0)
            except ValueError as error:
                reason = str(error)
        if reason:
            # A truncated element contains those after it, so they are parsed separately.
            if kind == b"item" and (another := _NEXT_ITEM_START.search(content, 6)):
                scanner.step_back(len(content) - another.start(), content[another.start() :])
            title = _ITEM_TITLE.search(content)
            record = RefusedPiece(
                at_line,
                reason,
                is_cut=reason.startswith(CUT_OFF_REASON),
                title=title[1].decode("utf-8", "replace").strip() if title else "",
            )
        if record is not None:
            yield ReadPiece(record, scanner.offset, scanner.line)


def _parse_xml_piece(opening, piece):
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    return etree.fromstring(f"{opening}{piece}</rss>".encode(), parser)


def decode_piece(content: bytes, encoding: str) -> tuple[str, list[str]]:
    """Return (text, remarks) of bytes with the declared `encoding`. Raises UnicodeDecodeError.

    UTF-8 is recognised whatever the file declares, because text in another encoding is practically never
    valid UTF-8. Of invalid bytes, those with the same meaning in every Windows code page (quotes and
    dashes) are decoded; the meaning of others is unknown.
    """
    remarks = []
    try:
        text = content.decode("utf-8")
        is_utf_8 = True
    except UnicodeDecodeError:
        is_utf_8 = encoding in ("utf-8", "ascii")
        text = ""
    if not text and is_utf_8:
        text = _decode_with_stray_bytes(content)
        remarks.append("Quotes or dashes of Windows-1252 were read as such.")
    elif not text:
        # As in browsers, ISO 8859-1 means Windows-1252.
        text = content.decode("cp1252" if encoding == "iso8859-1" else encoding)
    elif encoding not in ("utf-8", "ascii") and not content.isascii():
        remarks.append(f"The file says that it is {encoding}; this is UTF-8 and was read so.")
    if _C1_CONTROL_CHARACTER.search(text):
        text = _C1_CONTROL_CHARACTER.sub(_windows_1252_character, text)
        remarks.append("Quotes or dashes of Windows-1252 were read as such.")
    if wrong := _TWICE_ENCODED_CHARACTERS.search(text):
        remarks.append(f"“{wrong[0]}” looks like a letter that was encoded twice on the old site.")
    return text, list(dict.fromkeys(remarks))


def _decode_with_stray_bytes(content):
    pieces, rest = [], content
    while rest:
        try:
            pieces.append(rest.decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            if rest[error.start] not in _CHARACTER_OF_STRAY_BYTE:
                at = len(content) - len(rest) + error.start
                raise UnicodeDecodeError("utf-8", content, at, at + 1, error.reason) from None
            pieces += [
                rest[: error.start].decode("utf-8"),
                _CHARACTER_OF_STRAY_BYTE[rest[error.start]],
            ]
            rest = rest[error.start + 1 :]
    return "".join(pieces)


def _windows_1252_character(match):
    return bytes([ord(match[0])]).decode("cp1252", "ignore")


def _unescaped_name(text):
    """Return a name without entities; plugins and imports have often escaped it twice."""
    return unescape(unescape(text)).strip()


def is_empty_plugin_value(value: str) -> bool:
    """Return whether the value of a plugin field is empty: "[]", "a:0:{}", '{"a": ""}', "<p></p>"."""
    text = value.strip()
    while (shorter := _EMPTY_PHP_ARRAY.sub("N;", text)) != text:
        text = shorter
    if (
        text in ("N;", "b:0;", 's:0:"";', "null", "undefined")
        or not unescape(_HTML_TAG.sub("", text)).strip()
    ):
        return True
    if text[:1] not in '[{"':
        return False
    try:
        return _is_empty_json_value(json.loads(text))
    except (ValueError, RecursionError):
        return False


def _is_empty_json_value(value):
    if isinstance(value, dict):
        return all(_is_empty_json_value(part) for part in value.values())
    if isinstance(value, list):
        return all(_is_empty_json_value(part) for part in value)
    return value is None or value is False or (isinstance(value, str) and not value.strip())


def _parse_record(kind, content, head, line):
    text, remarks = decode_piece(content, head.encoding)
    cleaned = _FORBIDDEN_CHARACTER.sub("", text)
    root = _parse_xml_piece(head.opening, cleaned)
    wp = root.nsmap["wp"]

    def said(parent, name, space=wp):
        found = parent.find(f"{{{space}}}{name}" if space else name)
        # Numeric references can stand for C1 controls, as in "&#146;".
        return (
            _C1_CONTROL_CHARACTER.sub(_windows_1252_character, found.text or "").strip()
            if found is not None
            else ""
        )

    def number(parent, name):
        return parse_whole_number(said(parent, name)) or 0

    element = root[0]
    match kind:
        case b"wp:author":
            name = said(element, "author_display_name")
            first, last = said(element, "author_first_name"), said(element, "author_last_name")
            return WxrAuthor(
                said(element, "author_login"), _unescaped_name(f"{first} {last}".strip() or name)
            )
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
            if cleaned != text:
                remarks.append("Control characters were left out.")
            return _parse_item(root, element, line, said, number, remarks)
    return WxrTerm(
        taxonomy,
        said(element, slug),
        _unescaped_name(said(element, name)) or said(element, slug),
        said(element, parent),
        said(element, description),
        number(element, "term_id"),
    )


def _parse_item(root, element, line, said, number, remarks):
    spaces = root.nsmap
    item = WxrItem(
        number=number(element, "post_id"),
        type=said(element, "post_type"),
        status=said(element, "status"),
        title=unescape(_HTML_TAG.sub("", said(element, "title", ""))),
        line=line,
        link=said(element, "link", ""),
        guid=said(element, "guid", ""),
        content=said(element, "encoded", spaces.get("content", "-")),
        excerpt=said(element, "encoded", spaces.get("excerpt", "-")),
        slug=said(element, "post_name"),
        parent=number(element, "post_parent"),
        creator=said(element, "creator", spaces.get("dc", "-")),
        has_password=bool(said(element, "post_password")),
        published_at=_parse_time(said(element, "post_date_gmt"))
        or _parse_time(said(element, "post_date")),
        attachment_url=said(element, "attachment_url"),
    )
    if not item.number or not item.type:
        raise ValueError("An item has no number or type.")
    for category in element.findall("category"):
        taxonomy, slug = category.get("domain", ""), category.get("nicename", "")
        if taxonomy and slug:
            item.terms.append((taxonomy, slug, _unescaped_name(category.text or "") or slug))
    wp = spaces["wp"]
    for meta in element.findall(f"{{{wp}}}postmeta"):
        key, value = said(meta, "meta_key"), said(meta, "meta_value")
        is_kept = key in _KEPT_PRIVATE_META_KEYS or not (
            key.startswith("_") or is_empty_plugin_value(value)
        )
        if value and is_kept:
            item.meta.setdefault(key, []).append(value)
    for comment in element.findall(f"{{{wp}}}comment"):
        if said(comment, "comment_type") in ("", "comment"):
            item.comments.append(
                WxrComment(
                    number=number(comment, "comment_id"),
                    name=said(comment, "comment_author"),
                    email=said(comment, "comment_author_email"),
                    body=said(comment, "comment_content"),
                    written_at=_parse_time(said(comment, "comment_date_gmt"))
                    or _parse_time(said(comment, "comment_date")),
                    is_approved=said(comment, "comment_approved") == "1",
                    reply_to=number(comment, "comment_parent"),
                )
            )
    item.remarks += remarks
    return item


def _parse_time(text):
    if not text or text == _ZERO_TIME:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
