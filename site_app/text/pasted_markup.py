"""Clean-up of Word's HTML from the clipboard and saved pages: lists, tables, notes, changes."""

import re
from html import escape

from lxml import etree, html

_WORD_LIST_STYLE = re.compile(r"mso-list:\s*l(?P<list>\d+)\s+level(?P<level>\d)", re.I)
_WORD_LIST_MARKER_STYLE = re.compile(r"mso-list:\s*ignore", re.I)
_LIST_NUMBER_MARKER = re.compile(r"\(?(?:\d+|[a-z]|[ivxlc]+)[.)]", re.I)
_BLOCK_TAGS_IN_CELLS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "br", "ul", "ol", "li")
_INVISIBLE_CHARACTERS_REMOVED = str.maketrans({"\u00ad": None, "\u200b": None, "\ufeff": None})
_WORD_MARKUP = re.compile(r"\bmso-|\bclass=[\"']?Mso|schemas-microsoft-com", re.I)
_MARKUP_TO_CLEAN_UP = re.compile(
    r"mso-|class=[\"']?Mso|<(?:table|tr|td|del)\b|href=[\"']?#|[\u00ad\u200b\ufeff]|&shy;", re.I
)


def clean_up_word_html(root: html.HtmlElement, *, is_word: bool = False) -> None:
    """Change a parsed page in place so that plain HTML says what Word meant.

    Paragraphs that are items become lists, one for each kind and level; a cell of a table stays on
    one line; links within the page, to footnotes and back, become text; deleted text of tracked
    changes goes, and so do soft hyphens. `is_word`: no-break spaces are spaces, too.
    """
    for gone in list(root.iter("del")):
        gone.drop_tree()
    _make_lists_of_word_paragraphs(root)
    for cell in list(root.iter("td", "th")):
        for block in list(cell.iter(*_BLOCK_TAGS_IN_CELLS)):
            block.tail = f" {block.tail or ''}"
            block.drop_tag()
    for link in list(root.iter("a")):
        if (link.get("href") or "#").startswith("#"):
            link.drop_tag()
    spaces = _INVISIBLE_CHARACTERS_REMOVED | ({0xA0: " "} if is_word else {})
    for element in root.iter(etree.Element):
        if element.text:
            element.text = element.text.translate(spaces)
        if element.tail:
            element.tail = element.tail.translate(spaces)


def _make_lists_of_word_paragraphs(root):
    """Turn paragraphs with `mso-list` in their style into lists; levels nest."""
    open_lists: list[tuple[int, str, html.HtmlElement]] = []  # (level, kind and number, element)
    before = None  # the outermost list of the previous item
    for item in list(root.iter("p")):
        match = _WORD_LIST_STYLE.search(item.get("style") or "")
        if match is None:
            continue
        level, kind = (
            int(match["level"]),
            "ol" if _LIST_NUMBER_MARKER.match(_remove_list_marker(item)) else "ul",
        )
        name = f"{kind}{match['list']}"
        follows = (
            before is not None and item.getprevious() is before and not _has_text_after(before)
        )
        if not follows:
            open_lists = []
        while open_lists and open_lists[-1][0] > level:
            open_lists.pop()
        if open_lists and open_lists[-1][0] == level and open_lists[-1][1] != name:
            open_lists.pop()
        if not open_lists or open_lists[-1][0] < level:
            new = html.Element(kind)
            if open_lists:
                open_lists[-1][2][-1].append(new)
            else:
                item.addprevious(new)
                before = new
            open_lists.append((level, name, new))
        tail, item.tail = item.tail, None
        open_lists[-1][2].append(item)
        if before is not None:
            before.tail = tail
        item.tag = "li"


def _has_text_after(element):
    return bool((element.tail or "").strip())


def _remove_list_marker(item) -> str:
    """Take the bullet or number that Word wrote as text off an item, and return it."""
    for span in list(item.iter("span")):
        if _WORD_LIST_MARKER_STYLE.search(span.get("style") or ""):
            marker = span.text_content().strip()
            span.drop_tree()
            return marker
    return ""


def clean_up_pasted_markup(markup: str) -> str:
    """Return pasted markup with what `clean_up_word_html` does; a row of a table becomes a line."""
    if not _MARKUP_TO_CLEAN_UP.search(markup):
        return markup
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = html.document_fromstring(f"<div>{markup}</div>".encode(), parser=parser)
    except (etree.ParserError, ValueError):
        return markup
    clean_up_word_html(root, is_word=bool(_WORD_MARKUP.search(markup)))
    for row in list(root.iter("tr")):
        for cell in list(row):
            cell.tail = " | " if cell.getnext() is not None else None
            cell.drop_tag()
        row.tag = "p"
    for part in list(root.iter("table", "tbody", "thead", "tfoot")):
        part.drop_tag()
    body = root.find("body")
    inner = "".join(html.tostring(child, encoding="unicode") for child in body)
    return escape(body.text or "", quote=False) + inner
