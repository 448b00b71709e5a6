"""Rich text as stored by the archive: a small subset of HTML, sanitised before it is stored."""

import html
import re

import nh3

ALLOWED_TAGS = {
    "p", "br", "h3", "h4", "ul", "ol", "li", "blockquote", "strong", "em", "sub", "sup", "a",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {"a": {"href", "hreflang"}, "ol": {"start"}}
# Word and browsers use these tags; the archive stores one tag for each meaning.
_STORED_TAG_OF_SYNONYM = {"b": "strong", "i": "em", "h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}
_SYNONYMOUS_TAG = re.compile(r"<(/?)(b|i|h1|h2|h5|h6)(?=[\s>])", re.I)
_BLOCK_END = re.compile(r"<br\s*/?>|</(?:p|h3|h4|li|blockquote|ul|ol)>", re.I)
_TAG = re.compile(r"<[^>]+>")


def sanitise(markup: str) -> str:
    """Return `markup` with everything but the allowed elements and attributes removed.

    Links keep http, https and mailto addresses only and get rel="noopener noreferrer". The result
    is safe to print unescaped; cleaning it again changes nothing.
    """
    return nh3.clean(
        _SYNONYMOUS_TAG.sub(
            lambda tag: f"<{tag[1]}{_STORED_TAG_OF_SYNONYM[tag[2].lower()]}", markup
        ),
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        clean_content_tags={"script", "style", "template", "iframe", "object"},
    )


def plain_text(markup: str) -> str:
    """Return the text of sanitised markup, one line a block, entities resolved."""
    lines = html.unescape(_TAG.sub("", _BLOCK_END.sub("\n", markup))).split("\n")
    return "\n".join(line for line in (" ".join(raw.split()) for raw in lines) if line)


def paragraphs_of_plain_text(text: str) -> str:
    """Return plain text as sanitised markup: a paragraph for each block of lines."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return "".join(
        "<p>"
        + "<br>".join(html.escape(line.strip(), quote=False) for line in block.split("\n"))
        + "</p>"
        for block in blocks
        if block.strip()
    )
