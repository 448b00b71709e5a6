"""The evidence pack as DOCX and Markdown: one list of blocks, written in two ways."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time

from django.conf import settings
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from sessions_app.day_range import day_range
from sessions_app.formats.json import absolute_url, remove_invalid_xml_characters
from site_app.models import SiteSettings
from site_app.text.rich_blocks import TextBlock, TextRun, blocks_of_markup
from site_app.text.single_line import capitalise_title

from .evidence_pack import MAX_EXCERPT_WORDS, Pack, PackEntry

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_MARKDOWN_LINE_START = re.compile(r"(?m)^(\s*)(?:(\d+)([.)])|([-+=:]))")
_LINK_COLOUR = RGBColor(0x0B, 0x4F, 0x6C)
_NOTE_SHADE = "FFF4D6"
_MAX_WORD_LINK_CHARACTERS = 2079  # maximum length of a link in Word


def pack_blocks(pack: Pack, today: date) -> Iterator[TextBlock]:
    """Yield the pack block by block; besides those of rich text "title", "item", "section", "meta",
    "note" and "reference", which carries its number."""
    site = SiteSettings.load()
    yield TextBlock("title", runs=[TextRun(pack.heading)])
    yield _text_block("meta", f"{site.name}, {date_format(today, 'j F Y')}")
    for value, note in pack.unavailable_items:
        left_out = _("Not (or no longer) in the archive, so left out: %(item)s") % {"item": value}
        said = _("Note: %(note)s") % {"note": note} if note else ""
        yield _text_block("meta", f"{left_out} {said}".strip())
    if not pack.entries:
        yield _text_block("p", _("Nothing was chosen."))
    for entry in pack.entries:
        yield from _entry_blocks(entry, pack)
    yield _text_block("section", _("References"))
    for entry in pack.entries:
        yield TextBlock("reference", number=entry.number, runs=_reference_runs(entry))
    said = _("The same pack on the site, as it is there now:")
    address = settings.SITE_URL + pack.url
    yield TextBlock("p", runs=[TextRun(f"{said} "), TextRun(address, url=address)])


def _entry_blocks(entry: PackEntry, pack: Pack) -> Iterator[TextBlock]:
    item = entry.item
    session, advice = item.session, item.recommendation
    yield TextBlock(
        "item", number=entry.number, runs=[TextRun(item.name, url=absolute_url(item.url))]
    )
    day = day_range(session) if session.held_on else _("No date")
    facts = [str(item.kind), day, str(session.series) if session.series else ""]
    if advice:
        facts += [session.title, _audience_phrase(advice)]
    yield _text_block("meta", " · ".join(filter(None, facts)))
    if item.appearances:
        people = (
            ", ".join([each.speaker.full_name, *map(str, each.organisations)])
            for each in item.appearances
        )
        yield _text_block("p", "; ".join(people))
    if item.source_sentence:
        yield _text_block("quote", item.source_sentence)
    if not advice and pack.is_whole:
        yield from blocks_of_markup(session.summary)
    elif not advice and session.summary_text:
        yield _text_block("p", Truncator(session.summary_text).words(MAX_EXCERPT_WORDS))
    if item.session_recommendations:
        yield _text_block("heading", _("Recommendations"))
    for each in item.session_recommendations:
        for_whom = _audience_phrase(each)
        yield _text_block(
            "bullet",
            f"{capitalise_title(each.text)} ({for_whom})"
            if for_whom
            else capitalise_title(each.text),
        )
    if entry.note:
        label = TextRun(_("Note:") + " ", is_bold=True)
        yield TextBlock("note", runs=[label, TextRun(entry.note)])


def _audience_phrase(recommendation) -> str:
    if not recommendation.audience:
        return ""
    return _("for %(audience)s") % {"audience": recommendation.audience}


def _text_block(kind: str, text: str) -> TextBlock:
    return TextBlock(kind, runs=[TextRun(text)])


def _reference_runs(entry: PackEntry) -> list[TextRun]:
    before, address, after = entry.reference.partition(entry.citation.url)
    link = [TextRun(address, url=address)] if address else []
    return [run for run in (TextRun(before), *link, TextRun(after)) if run.text]


def pack_as_markdown(pack: Pack, today: date) -> str:
    """Return the pack in CommonMark."""
    lines = []
    last = ""
    for block in pack_blocks(pack, today):
        text = _runs_as_markdown(block.runs)
        mark = {
            "title": "# ",
            "item": f"## {block.number}\\. ",
            "section": "## ",
            "heading": "### ",
            "quote": "> ",
            "note": "> ",
            "bullet": "- ",
            "number": f"{block.number}. ",
            "reference": f"{block.number}. ",
        }.get(block.kind, "")
        if block.kind in ("title", "item", "section", "heading"):
            text = " ".join(text.replace("\\\n", " ").split())  # a heading is one line
        indent = "    " * block.depth
        further = indent + ("> " if mark == "> " else " " * len(mark))
        # Items of one list follow each other without a blank line, which CommonMark would read as a
        # new list.
        if not (block.kind == last and block.kind in ("bullet", "number", "reference")):
            lines.append("")
        lines.append(indent + mark + text.replace("\n", f"\n{further}"))
        last = block.kind
    return "\n".join(lines).lstrip("\n") + "\n"


def _runs_as_markdown(runs: list[TextRun]) -> str:
    return "".join(map(_run_as_markdown, _without_outer_spaces(runs)))


def _without_outer_spaces(runs: list[TextRun]) -> list[TextRun]:
    """Return the runs without space at the edges of the block."""
    kept = list(runs)
    if kept:
        first = kept[0]
        kept[0] = TextRun(first.text.lstrip(), first.is_bold, first.is_italic, first.url)
        last = kept[-1]
        kept[-1] = TextRun(last.text.rstrip(), last.is_bold, last.is_italic, last.url)
    return kept


def _run_as_markdown(run: TextRun) -> str:
    core = run.text.strip(" ")
    if not core.strip():
        return run.text.replace("\n", "\\\n")
    start = run.text[: len(run.text) - len(run.text.lstrip(" "))]
    end = run.text[len(run.text.rstrip(" ")) :]
    text = _MARKDOWN_LINE_START.sub(_escape_line_start, _MARKDOWN_SIGNS.sub(r"\\\1", core))
    text = re.sub(r"\n\s*", "\\\\\n", text)  # a backslash at the end of a line is a line break
    if run.url:
        address = re.sub(r"[<>\\\s]", lambda sign: f"%{ord(sign[0]):02X}", absolute_url(run.url))
        text = f"<{address}>" if address == run.text else f"[{text}](<{address}>)"
    mark = "*" * (2 * run.is_bold + run.is_italic)
    return f"{start}{mark}{text}{mark}{end}"


def _escape_line_start(found) -> str:
    space, number, point, sign = found.groups()
    return f"{space}{number}\\{point}" if number else f"{space}\\{sign}"


_WORD_STYLE_BY_BLOCK_KIND = {
    "title": "Title",
    "item": "Heading 1",
    "section": "Heading 1",
    "heading": "Heading 2",
    "quote": "Quote",
    "note": "Note",
    "meta": "Facts",
    "bullet": "List Bullet",
}


def pack_as_docx(pack: Pack, today: date) -> bytes:
    """Return the pack as a document for word processors."""
    document = Document()
    _set_properties_and_styles(document, pack, today)
    for block in pack_blocks(pack, today):
        paragraph = document.add_paragraph(
            style=_WORD_STYLE_BY_BLOCK_KIND.get(block.kind, "Normal")
        )
        if block.number:
            paragraph.add_run(f"{block.number}. ")
        if block.kind in ("number", "reference"):
            paragraph.paragraph_format.left_indent = Pt(18)
            paragraph.paragraph_format.first_line_indent = Pt(-18)
        if block.depth:
            indent = paragraph.paragraph_format.left_indent or Pt(18)
            paragraph.paragraph_format.left_indent = indent + Pt(18) * block.depth
        for run in block.runs:
            _add_run(paragraph, run)
    made = io.BytesIO()
    document.save(made)
    return _without_zip_times(made)


def _without_zip_times(package: io.BytesIO) -> bytes:
    """Return a package whose parts bear no time: the same pack gives the same bytes."""
    plain = io.BytesIO()
    with zipfile.ZipFile(package) as parts, zipfile.ZipFile(plain, "w") as copy:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name)
            part.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(part, parts.read(name))
    return plain.getvalue()


def _set_properties_and_styles(document, pack: Pack, today: date) -> None:
    properties = document.core_properties
    properties.title = remove_invalid_xml_characters(pack.heading)
    properties.author = remove_invalid_xml_characters(SiteSettings.load().name)[:255]
    properties.comments = ""
    properties.created = properties.modified = datetime.combine(today, time())
    for name in ("Title", "Heading 1", "Heading 2"):
        document.styles[name].font.color.rgb = RGBColor(0x1C, 0x21, 0x26)
    facts = document.styles.add_style("Facts", WD_STYLE_TYPE.PARAGRAPH)
    facts.base_style = document.styles["Normal"]
    facts.font.size, facts.font.color.rgb = Pt(9.5), RGBColor(0x4D, 0x56, 0x5E)
    note = document.styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH)
    note.base_style = document.styles["Normal"]
    note.paragraph_format.left_indent = Pt(9)
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), _NOTE_SHADE)
    note.element.get_or_add_pPr().append(shade)
    # The library's template is American; spelling is checked in the language of the page.
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _add_run(paragraph, run: TextRun) -> None:
    text = remove_invalid_xml_characters(run.text)
    if not text:
        return
    address = remove_invalid_xml_characters(absolute_url(run.url)) if run.url else ""
    made = paragraph.add_run(text)
    made.bold, made.italic = run.is_bold or None, run.is_italic or None
    if address and len(address) <= _MAX_WORD_LINK_CHARACTERS:
        made.font.color.rgb, made.font.underline = _LINK_COLOUR, True
        link = OxmlElement("w:hyperlink")
        relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link.set(qn("r:id"), relation)
        made._r.addprevious(link)
        link.append(made._r)
