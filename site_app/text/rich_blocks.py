"""Rich text as blocks of runs, for documents that are not HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import html

from .rich_text import sanitise

MAX_LIST_DEPTH = 8  # levels of nested lists; deeper items are shown at this level


@dataclass(frozen=True)
class TextRun:
    """Text of one appearance; "\\n" is a break within the block."""

    text: str
    is_bold: bool = False
    is_italic: bool = False
    url: str = ""


@dataclass
class TextBlock:
    """`kind`: "p", "heading", "bullet", "number" or "quote"; `depth` of lists from 0."""

    kind: str
    depth: int = 0
    number: int = 0  # of an item in a numbered list
    runs: list[TextRun] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs).strip()


def blocks_of_markup(markup: str) -> list[TextBlock]:
    """Return the blocks of rich text, cleaned; those without text are left out."""
    clean = sanitise(markup)
    if not clean.strip():
        return []
    reader = _BlockReader()
    reader.read_element(html.fragment_fromstring(clean, create_parent="div"))
    return [block for block in reader.blocks if block.text]


class _BlockReader:
    def __init__(self):
        self.blocks = [TextBlock("p")]
        self.lists: list[
            Iterator[int] | None
        ] = []  # counters of the enclosing lists, None for bullet lists
        self.quotes = 0

    def read_element(self, element, **style):
        self._add_text(element.text, style)
        for child in element:
            self._read_child(child, style)
            self._add_text(child.tail, style)

    def _read_child(self, child, style):
        match child.tag:
            case "p" | "h3" | "h4":
                # The first paragraph of an item continues after its marker.
                if not (self.lists and not self.blocks[-1].text):
                    self._begin_block("heading" if child.tag[0] == "h" else "")
                self.read_element(child, **style)
                self._begin_block("")
            case "ul" | "ol":
                self.lists.append(_list_item_numbers(child) if child.tag == "ol" else None)
                self.read_element(child, **style)
                self.lists.pop()
                self._begin_block("")
            case "li":
                numbers = self.lists[-1] if self.lists else None
                depth = min(max(len(self.lists) - 1, 0), MAX_LIST_DEPTH)
                kind = "bullet" if numbers is None else "number"
                self.blocks.append(TextBlock(kind, depth, next(numbers) if numbers else 0))
                self.read_element(child, **style)
            case "blockquote":
                self.quotes += 1
                self._begin_block("")
                self.read_element(child, **style)
                self.quotes -= 1
                self._begin_block("")
            case "br":
                self._add_text("\n", style)
            case "strong":
                self.read_element(child, **style | {"is_bold": True})
            case "em":
                self.read_element(child, **style | {"is_italic": True})
            case "a":
                self.read_element(child, **style | {"url": child.get("href", "")})
            case _:
                self.read_element(child, **style)

    def _begin_block(self, kind):
        depth = min(len(self.lists), MAX_LIST_DEPTH)
        self.blocks.append(TextBlock(kind or ("quote" if self.quotes else "p"), depth))

    def _add_text(self, text, style):
        if not text:
            return
        if text != "\n":  # white space in the source is a single space, as in a browser
            lead, tail = (" " if edge.isspace() else "" for edge in (text[0], text[-1]))
            text = f"{lead}{' '.join(text.split())}{tail}" if text.strip() else " "
        block = self.blocks[-1]
        if not block.runs or block.runs[-1].text.endswith((" ", "\n")):
            text = text.lstrip(" ")
        if text:
            block.runs.append(TextRun(text, **style))


def _list_item_numbers(element) -> Iterator[int]:
    start = element.get("start", "1")
    number = int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1
    while True:
        yield number
        number += 1
