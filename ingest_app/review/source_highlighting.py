"""A page's source with the origin of each field highlighted: as lines of text, or as plain HTML.

The HTML is generated from the text and a few elements of the source, without its attributes, URLs,
scripts and styles.
"""

from collections import defaultdict
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from ingest_app.pages.page_parser import PageRecord
from ingest_app.pages.page_text import LINE_BREAK, is_html, text_element_of_html, text_pieces
from ingest_app.pages.source_spans import Origin

_KEPT_TAGS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "thead", "tbody", "tr",
    "td", "th", "blockquote", "strong", "em", "b", "i", "u", "sub", "sup", "dl", "dt", "dd", "div",
    "pre",
}  # fmt: skip
_VOID_TAGS = {"br", "hr"}
_LABEL_OF_FIELD_KIND = {
    "title": gettext_lazy("Title"),
    "published": gettext_lazy("Month of publication"),
    "date": gettext_lazy("Date"),
    "series": pgettext_lazy("one series", "Series"),
    "recording": gettext_lazy("Recording"),
    "contact": gettext_lazy("Address for the recording"),
    "remains": gettext_lazy("Not understood"),
    "speaker": gettext_lazy("Speaker"),
    "affiliation": gettext_lazy("Affiliation"),
    "recommendation": gettext_lazy("Recommendation"),
    "link": gettext_lazy("Link"),
    "summary": gettext_lazy("Summary"),
}


@dataclass(frozen=True)
class Segment:
    """A stretch of text with the fields read from it; `first_of` those that begin there."""

    text: str
    fields: tuple[str, ...] = ()
    first_of: tuple[str, ...] = ()

    @property
    def kind(self):
        return field_kind_of(self.fields[0])

    @property
    def name(self):
        return ", ".join(field_label(field) for field in self.fields)


@dataclass(frozen=True)
class SourceLine:
    segments: list[Segment]
    is_summary: bool
    is_left_out: bool  # after the heading of the comments, or a repeated title


def field_kind_of(field: str) -> str:
    return field.partition("-")[0]


def field_label(field: str) -> str:
    """Return the words for a field: "Speaker 2" for speaker-1."""
    kind, _, number = field.partition("-")
    return (
        f"{_LABEL_OF_FIELD_KIND[kind]} {int(number) + 1}"
        if number
        else str(_LABEL_OF_FIELD_KIND[kind])
    )


def words_of_fields(record: PageRecord) -> dict[str, str]:
    """Return {field: its words in the source}, at their first occurrence."""
    labels: dict[str, str] = {}
    for origin in record.origins:
        if origin.field not in ("summary", "remains"):
            labels.setdefault(origin.field, record.lines[origin.line][origin.start : origin.end])
    return labels


def marked_lines(record: PageRecord) -> list[SourceLine]:
    by_line, first = _origins_by_line_and_first_places(record.origins)
    last = max((origin.line for origin in record.origins), default=0)
    summary = {origin.line for origin in record.origins if origin.field == "summary"}
    return [
        SourceLine(
            list(_split_into_segments(text, 0, number, by_line.get(number, ()), first)),
            number in summary,
            number > last,
        )
        for number, text in enumerate(record.lines)
    ]


def marked_page_html(source: str, record: PageRecord) -> SafeString | None:
    """Return the body of a page that shows an HTML source, marked; None if it is plain text."""
    if not is_html(source):
        return None
    by_line, first = _origins_by_line_and_first_places(record.origins)
    body = text_element_of_html(source)
    written: list[str] = []
    line, offset, has_gap = 0, 0, False
    opened = set()
    for piece in text_pieces(body):
        if piece is LINE_BREAK:
            if offset:
                line, offset = line + 1, 0
            has_gap = False
            continue
        text, element, place = piece
        if element is not None and isinstance(element.tag, str):
            if place == "text":
                if element.tag in _VOID_TAGS:
                    written.append(f"<{element.tag}>")
                elif element.tag in _KEPT_TAGS:
                    opened.add(element)
                    written.append(f"<{element.tag}>")
            elif element in opened:
                written.append(f"</{element.tag}>")
        words = text.replace("\u200b", " ").replace("\ufeff", " ").split()
        if not words:
            has_gap = has_gap or bool(text)
            if text:
                written.append(" ")
            continue
        begins_apart = text[0].isspace() or text[0] in "\u200b\ufeff"
        if offset and (begins_apart or has_gap):
            offset += 1
        shown = " ".join(words)
        marks = by_line.get(line, ())
        written.append(" " if begins_apart else "")
        written += [
            _segment_html(segment)
            for segment in _split_into_segments(shown, offset, line, marks, first)
        ]
        offset += len(shown)
        has_gap = text[-1].isspace() or text[-1] in "\u200b\ufeff"
        if has_gap:
            written.append(" ")
    if body in opened:
        written.append(f"</{body.tag}>")
    return SafeString("".join(written))


def _origins_by_line_and_first_places(origins):
    """Return ({line: origins on it}, {field: its first (line, start)})."""
    by_line: dict[int, list[Origin]] = defaultdict(list)
    first: dict[str, tuple[int, int]] = {}
    for origin in origins:
        if origin.field != "summary":
            by_line[origin.line].append(origin)
        first.setdefault(origin.field, (origin.line, origin.start))
    return by_line, first


def _split_into_segments(text, offset, line, origins, first):
    """Yield the stretches of a text that stands at `offset` of its line."""
    edges = {offset, offset + len(text)}
    for origin in origins:
        edges |= {
            edge for edge in (origin.start, origin.end) if offset < edge < offset + len(text)
        }
    places = sorted(edges)
    for start, end in pairwise(places):
        fields = tuple(
            origin.field for origin in origins if origin.start <= start and end <= origin.end
        )
        begins = tuple(field for field in fields if first[field] == (line, start))
        yield Segment(text[start - offset : end - offset], fields, begins)


def _segment_html(segment):
    if not segment.fields:
        return escape(segment.text)
    anchors = "".join(f'<span id="o-{field}"></span>' for field in segment.first_of)
    return (
        f'<mark class="origin of-{segment.kind}" title="{escape(segment.name)}">'
        f"{anchors}{escape(segment.text)}</mark>"
    )
