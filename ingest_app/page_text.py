"""A saved page as lines of text, whatever it was saved as."""

import re
from dataclasses import dataclass, field

from lxml import etree, html

MOST_BYTES = 5 * 1024 * 1024
_BLOCKS = {
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "section", "article", "header",
    "footer", "main", "ul", "ol", "table", "blockquote", "br", "hr", "dd", "dt", "figure",
}  # fmt: skip
_DROPPED = {"script", "style", "nav", "template", "noscript", "iframe", "svg", "head", "form"}
_IS_HTML = re.compile(
    r"<\s*(?:!doctype|html|head|body|main|section|article|div|p|h[1-6]|ul|ol|table|span|br)\b",
    re.I,
)
_CELLS = {"td", "th"}
_SPACE = re.compile(r"[\s\u00a0\u200b\ufeff]+")


class NotAPageError(ValueError):
    """The bytes are no page of text at all; the message says why."""


@dataclass
class PageText:
    """Lines with white space folded, blank ones left out; addresses that stood behind words."""

    lines: list[str]
    hrefs: dict[str, str] = field(default_factory=dict)  # words of a link → its address
    items: set[str] = field(default_factory=set)  # lines that were items of a list in HTML
    remarks: list[str] = field(default_factory=list)


def read_page(content: bytes | str) -> PageText:
    """Return the lines of a page saved as text or HTML.

    Raises NotAPageError for what is empty, too large, or no text.
    """
    remarks: list[str] = []
    text = content if isinstance(content, str) else _decoded(content, remarks)
    if not text.strip():
        raise NotAPageError("The file is empty.")
    if "\x00" in text:
        raise NotAPageError("The file is no text: it holds NUL characters.")
    if _IS_HTML.search(text[:20_000]):
        page = _read_html(text)
    else:
        page = PageText(_folded(text.splitlines()))
    if not page.lines:
        raise NotAPageError("The file holds no text.")
    page.remarks[:0] = remarks
    return page


def _decoded(content, remarks):
    if len(content) > MOST_BYTES:
        raise NotAPageError(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if b"\x00" in content:
            raise NotAPageError("The file is no text: it holds NUL characters.") from None
        remarks.append("The file is not UTF-8; it was read as Windows-1252.")
        return content.decode("cp1252", "replace")


def _read_html(text):
    try:
        # As bytes: lxml refuses text with an encoding declaration of its own.
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise NotAPageError(f"The HTML cannot be read: {error}") from error
    for element in list(root.iter()):
        if element.tag in _DROPPED and element.getparent() is not None:
            element.drop_tree()
    body = root.find(".//article") if root.find(".//article") is not None else root
    hrefs = {}
    for link in body.iter("a"):
        words = _SPACE.sub(" ", link.text_content()).strip()
        address = (link.get("href") or "").strip()
        if words and address.startswith(("http://", "https://", "mailto:")):
            hrefs.setdefault(words, address)
    items = {line for item in body.iter("li") for line in _folded([item.text_content()])}
    pieces: list[str] = []

    def walk(element):
        is_block = element.tag in _BLOCKS
        if is_block:
            pieces.append("\n")
        elif element.tag in _CELLS:
            pieces.append(" ")  # cells stand apart without a space between them
        pieces.append(_SPACE.sub(" ", element.text or ""))
        for child in element:
            if isinstance(child.tag, str):
                walk(child)
            pieces.append(_SPACE.sub(" ", child.tail or ""))
        if is_block:
            pieces.append("\n")

    walk(body)
    return PageText(_folded("".join(pieces).split("\n")), hrefs, items=items)


def _folded(lines):
    folded = (_SPACE.sub(" ", line).strip() for line in lines)
    return [line for line in folded if line]
