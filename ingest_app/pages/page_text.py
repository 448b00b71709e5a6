"""A saved page as lines of text, whatever it was saved as."""

import re
from dataclasses import dataclass, field
from html import unescape as html_unescape
from itertools import islice

from django.utils.translation import gettext
from lxml import etree, html

from site_app.text.pasted_markup import clean_up_word_html

from .mhtml import DamagedPageError, is_mhtml, read_mhtml

MAX_PAGE_BYTES = 5 * 1024 * 1024
MAX_PAGE_CHARACTERS = 700_000  # of text, without markup: as much as a thick book
MAX_LINKS = 1000
_BLOCK_TAGS = {
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "section", "article", "header",
    "footer", "main", "ul", "ol", "table", "blockquote", "br", "hr", "dd", "dt", "figure",
}  # fmt: skip
_DROPPED_TAGS = {"script", "style", "nav", "template", "noscript", "iframe", "svg", "head", "form"}
_HTML_TAG_START = re.compile(
    r"<\s*(?:!doctype|html|head|body|main|section|article|div|p|h[1-6]|ul|ol|table|span|br)\b",
    re.I,
)
_TABLE_CELL_TAGS = {"td", "th"}
_WHITE_SPACE = re.compile(r"[\s\u00a0\u200b\ufeff]+")
# As in browsers, a declaration is valid only near the start.
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w:.-]{1,40})", re.I)
_ENTITY_DECLARATION = re.compile(r"<!ENTITY\b", re.I)
_UNFINISHED_TAG_AT_END = re.compile(
    r"<(?:[a-z][a-z0-9]*\s[^<>]*|/[a-z][a-z0-9]*|!--(?:(?!-->).){0,2000})$", re.I | re.S
)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"']{1,450}")
# Their running time is quadratic in the length of the text.
_SLOW_ENCODINGS = {"idna", "punycode"}
_CONTROL_CHARACTER = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_PAGE_ADDRESS_IN_HTML = re.compile(
    r"""<!-- saved from url=\(\d+\)(?P<saved>https?://[^\s<>"']{1,450}) -->"""
    r"""|<link\s[^<>]{0,100}?rel=["']?canonical["']?[^<>]{0,50}?href=["']?(?P<canonical>https?://[^\s<>"']{1,450})""",
    re.I,
)
LINE_BREAK = None  # stands for a line break among the pieces of a page


class NotAPageError(ValueError):
    """The bytes are no page of text at all; the message says why."""


@dataclass
class PageText:
    """Lines with white space folded, blank ones left out; addresses that stood behind words."""

    lines: list[str]
    hrefs: dict[str, str] = field(default_factory=dict)  # link text: URL
    items: set[str] = field(default_factory=set)  # lines that were list items in HTML
    remarks: list[str] = field(default_factory=list)
    address: str = ""  # the page's original URL, if it contains one


def read_page_text(content: bytes | str) -> PageText:
    """Return the lines of a page saved as text or HTML.

    Raises NotAPageError for what is empty, too large, or no text.
    """
    remarks: list[str] = []
    if isinstance(content, str):
        text = content
    else:
        text, remarks = decode_page(content)
    if not text.strip():
        raise NotAPageError(gettext("The file is empty."))
    if "\x00" in text:
        raise NotAPageError(gettext("The file is not text: it contains NUL characters."))
    if _CONTROL_CHARACTER.search(text):
        raise NotAPageError(gettext("The file is not text: it contains control characters."))
    if _ENTITY_DECLARATION.search(text):
        raise NotAPageError(gettext("The file declares entities; a saved page does not."))
    if is_html(text):
        if _UNFINISHED_TAG_AT_END.search(text[-4000:]):
            raise NotAPageError(gettext("The file is cut off in the middle of a tag."))
        page = _page_text_of_html(text)
    else:
        page = PageText(_folded_nonempty_lines(text.splitlines()))
    if not page.lines:
        raise NotAPageError(gettext("The file contains no text."))
    if sum(map(len, page.lines)) > MAX_PAGE_CHARACTERS:
        raise NotAPageError(
            f"The page holds more than {MAX_PAGE_CHARACTERS:,} characters of text, too many for a session page."
        )
    page.remarks[:0] = remarks
    return page


def decode_page(content: bytes) -> tuple[str, list[str]]:
    """Return (text, remarks) of a saved file.

    By its byte-order mark, as UTF-8, by the encoding that an HTML page declares, or as
    Windows-1252; of a web page in a single file, the HTML. Raises NotAPageError for what is too
    large, cut off, or none of these.
    """
    if is_mhtml(content):
        return _decode_mhtml(content)
    if len(content) > MAX_PAGE_BYTES:
        raise NotAPageError(
            gettext("The file is larger than %(size)s MB.")
            % {"size": MAX_PAGE_BYTES // 1024 // 1024}
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), []
        except UnicodeDecodeError:
            raise NotAPageError(gettext("The file is UTF-16, but damaged or cut off.")) from None
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        if b"\x00" in content:
            raise NotAPageError(
                gettext("The file is not text: it contains NUL characters.")
            ) from None
        if error.reason == "unexpected end of data" and error.start:
            raise NotAPageError(
                gettext("The file is cut off in the middle of a character.")
            ) from None
    declared = _META_CHARSET.search(content[:2048])
    name = declared[1].decode("ascii").casefold() if declared else ""
    if name and name not in ("utf-8", "utf8", "windows-1252", "iso-8859-1", "us-ascii"):
        return _decode_as_declared(content, name), [f"The file was read as {name}, as it says."]
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    letters = [character for character in text if character.isalpha()]
    # Text in another alphabet that is decoded as Windows-1252 consists of accented letters.
    if not text or sum(letter > "\x7f" for letter in letters) > 0.3 * len(letters) + 3:
        raise NotAPageError(gettext("The encoding of the file is unknown: save it as UTF-8."))
    return text, ["The file is not UTF-8; it was read as Windows-1252."]


def _decode_as_declared(content, name):
    try:
        if name.casefold() in _SLOW_ENCODINGS:
            raise LookupError
        return content.decode(name)
    except (LookupError, ValueError):
        raise NotAPageError(f"The file says that it is {name}, and is not.") from None


def _decode_mhtml(content):
    try:
        page = read_mhtml(content)
    except DamagedPageError as error:
        raise NotAPageError(str(error)) from None
    if len(page.content) > MAX_PAGE_BYTES:
        raise NotAPageError(
            gettext("The page in the file is larger than %(size)s MB.")
            % {"size": MAX_PAGE_BYTES >> 20}
        )
    if is_mhtml(page.content):
        raise NotAPageError(gettext("The file contains another saved page instead of HTML."))
    if page.charset:
        text = _decode_as_declared(page.content, page.charset).removeprefix("\ufeff")
        remarks: list[str] = []
    else:
        text, remarks = decode_page(page.content)
    if _WEB_ADDRESS.fullmatch(page.address):
        # The form in which browsers add it to a page saved as HTML.
        text = f"<!-- saved from url=({len(page.address):04})" + page.address + " -->\n" + text
    return text, remarks


def text_element_of_html(text: str) -> html.HtmlElement:
    """Return the element with the text of an HTML page, without scripts, forms and menus.

    Nothing is loaded and no entity expanded. Raises NotAPageError if there is no such element.
    """
    try:
        # As bytes: lxml rejects a str with an encoding declaration.
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise NotAPageError(
            gettext("The HTML cannot be read: %(error)s") % {"error": error}
        ) from error
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        # The library stops there and would return only the beginning.
        raise NotAPageError(gettext("The HTML is nested too deeply to be a page."))
    for element in list(root.iter()):
        if element.tag in _DROPPED_TAGS and element.getparent() is not None:
            element.drop_tree()
    clean_up_word_html(root)
    article = root.find(".//article")
    return root if article is None else article


def text_pieces(body):
    """Yield (text, element, "text" or "tail") in reading order, and BREAK where a line ends."""
    for event, element in etree.iterwalk(body, events=("start", "end", "comment", "pi")):
        is_block = element.tag in _BLOCK_TAGS
        if event == "start":
            if is_block:
                yield LINE_BREAK
            elif element.tag in _TABLE_CELL_TAGS:
                yield " ", None, ""  # table cells are separate words without a space between them
            yield element.text or "", element, "text"
            continue
        if is_block:
            yield LINE_BREAK
        if element is not body:
            yield element.tail or "", element, "tail"


def _page_text_of_html(text):
    source = _PAGE_ADDRESS_IN_HTML.search(text[:200_000])
    body = text_element_of_html(text)
    hrefs: dict[str, str] = {}
    for link in islice(body.iter("a"), MAX_LINKS):
        words = _WHITE_SPACE.sub(" ", link.text_content()).strip()
        address = (link.get("href") or "").strip()
        if words and address.startswith(("http://", "https://", "mailto:")):
            hrefs.setdefault(words, address)
    items = {
        line for item in body.iter("li") for line in _folded_nonempty_lines([item.text_content()])
    }
    text = "".join(
        "\n" if piece is LINE_BREAK else _WHITE_SPACE.sub(" ", piece[0])
        for piece in text_pieces(body)
    )
    address = html_unescape(source["canonical"] or source["saved"] or "") if source else ""
    return PageText(_folded_nonempty_lines(text.split("\n")), hrefs, items=items, address=address)


def is_html(text: str) -> bool:
    return bool(_HTML_TAG_START.search(text[:20_000]))


def _folded_nonempty_lines(lines):
    folded = (_WHITE_SPACE.sub(" ", line).strip() for line in lines)
    return [line for line in folded if line]
