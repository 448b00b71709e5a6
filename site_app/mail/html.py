"""The HTML part of a mail, made of its text: paragraphs, lists, links to the site itself.

What people typed is escaped like all else, and an address in it becomes no link: mail of the
archive leads to the archive.
"""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def html_of_plain_text(text: str, site_url: str) -> SafeString:
    """Return `text` as HTML; URLs that begin with `site_url` (scheme and host) become links.

    Blocks are separated by empty lines. A block of lines that begin with "- " is a list, an address
    alone in its block a button, a block that begins with "--" the small print.
    """
    links = re.compile(rf"{re.escape(site_url)}/[^\s<>\"]*")
    blocks = [
        block for block in _BLANK_LINE.split(text.strip().replace("\r", "")) if block.strip()
    ]
    return mark_safe("\n".join(_html_of_block(block.strip("\n"), links) for block in blocks))  # noqa: S308 - escaped below


def _html_of_block(block: str, links: re.Pattern) -> str:
    if links.fullmatch(block.strip()):
        address = escape(block.strip())
        return (
            f'<p><a class="button" href="{address}">Open the page</a></p>\n'
            f'<p class="small">{address}</p>'
        )
    lines = block.split("\n")
    if lines[0].startswith("--"):
        kept = lines[1:] if lines[0].strip() == "--" else lines
        return f'<p class="small">{_html_of_lines(kept, links)}</p>'
    if lines[0].startswith("- "):
        items: list[list[str]] = []
        for line in lines:
            if line.startswith("- "):
                items.append([line[2:]])
            else:
                items[-1].append(line)
        return (
            "<ul>" + "".join(f"<li>{_html_of_lines(item, links)}</li>" for item in items) + "</ul>"
        )
    return f"<p>{_html_of_lines(lines, links)}</p>"


def _html_of_lines(lines: list[str], links: re.Pattern) -> str:
    return "<br>\n".join(_line_with_links(line.strip(), links) for line in lines)


def _line_with_links(line: str, links: re.Pattern) -> str:
    parts, end = [], 0
    for link in links.finditer(line):
        address = escape(link[0].rstrip(".,;:!?)"))
        parts += [escape(line[end : link.start()]), f'<a href="{address}">{address}</a>']
        end = link.start() + len(link[0].rstrip(".,;:!?)"))
    return "".join([*parts, escape(line[end:])])
