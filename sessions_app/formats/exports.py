"""Whole results as files: CSV, XLSX, JSON, BibTeX and RIS, streamed.

Data to text here, HTTP in views/exports.py. Records are read in slices, so that a million rows
need no more memory than a thousand.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from xml.sax.saxutils import escape as xml_escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from search_app.api import matching_ids
from search_app.criteria import Criteria
from sessions_app.catalogue.result_list import in_order
from sessions_app.models import Recommendation, Session
from site_app.models import SiteSettings
from site_app.spreadsheets.escaping import safe_cell

from . import citations
from .json import (
    absolute,
    day_json,
    moment_json,
    recommendation_with_session_json,
    session_json,
    xml_text,
)

SLICE = 50  # records read at once: pages that come meanwhile wait for no more
SESSION_COLUMNS = [
    "title", "held_on", "ends_on", "series", "speakers", "topics", "regions", "summary",
    "recommendations", "documents", "has_recording", "language", "url", "updated_at",
]  # fmt: skip
RECOMMENDATION_COLUMNS = [
    "recommendation", "audience", "made_by", "session", "held_on", "series", "topics", "regions",
    "number", "url", "session_url",
]  # fmt: skip
CELL_LENGTH = 32767  # characters; what a spreadsheet cell holds
SHEET = "xl/worksheets/sheet1.xml"  # in an XLSX file
SAMPLE = 200  # records by whose size that of a whole file is told


def sessions_for_export(criteria: Criteria) -> Iterator[Session]:
    """Yield every public session of the result, in its order, with all its parts."""
    yield from _records(criteria, Session.objects.published().with_everything())


def recommendations_for_export(criteria: Criteria) -> Iterator[Recommendation]:
    """Yield every public recommendation of the result, in its order, with its session."""
    yield from _records(criteria, Recommendation.objects.published().with_context())


def _records(criteria, queryset):
    waiting: list[int] = []
    for key in matching_ids(criteria):
        waiting.append(key)
        if len(waiting) == SLICE:
            yield from in_order(queryset.filter(pk__in=waiting), waiting)
            waiting = []
    yield from in_order(queryset.filter(pk__in=waiting), waiting)


def session_row(session: Session) -> dict[str, str]:
    """Return one spreadsheet row; several values stand in one cell, parted by "; "."""
    appearances = session.appearances.all()
    return {
        "title": session.title,
        "held_on": day_json(session.held_on) or "",
        "ends_on": day_json(session.ends_on) or "",
        "series": session.series.name if session.series else "",
        "speakers": "; ".join(speaker_with_affiliation(each) for each in appearances),
        "topics": "; ".join(topic.name for topic in session.topics.all()),
        "regions": "; ".join(region.name for region in session.regions.all()),
        "summary": session.summary_text,
        "recommendations": "\n".join(
            f"{place}) {each.text}" for place, each in enumerate(session.recommendations.all(), 1)
        ),
        "documents": "; ".join(each.title for each in session.documents.all()),
        "has_recording": "yes" if session.has_recording else "no",
        "language": session.language,
        "url": absolute(session.get_absolute_url()),
        "updated_at": moment_json(session.updated_at),
    }


def recommendation_row(recommendation: Recommendation) -> dict[str, str]:
    session = recommendation.session
    makers = {maker.pk for maker in recommendation.made_by.all()}
    return {
        "recommendation": recommendation.text,
        "audience": recommendation.audience,
        "made_by": "; ".join(
            speaker_with_affiliation(each)
            for each in session.appearances.all()
            if each.pk in makers
        ),
        "session": session.title,
        "held_on": day_json(session.held_on) or "",
        "series": session.series.name if session.series else "",
        "topics": "; ".join(topic.name for topic in session.topics.all()),
        "regions": "; ".join(region.name for region in session.regions.all()),
        "number": str(recommendation.number),
        "url": absolute(recommendation.get_absolute_url()),
        "session_url": absolute(session.get_absolute_url()),
    }


def speaker_with_affiliation(appearance) -> str:
    """ "Samuel Bendett (CNA)", as the archive prints a person in one line."""
    where = "; ".join(organisation.name for organisation in appearance.organisations)
    return f"{appearance.speaker.name} ({where})" if where else appearance.speaker.name


@dataclass
class Counted:
    """Records as they are read, and how many were."""

    records: Iterable
    count: int = 0

    def __iter__(self):
        for record in self.records:
            self.count += 1
            yield record


@dataclass
class Export:
    """A file being made: all of it, piece by piece, and how long it will be."""

    chunks: Iterator[bytes]
    length: int  # bytes
    is_exact: bool  # a longer file is estimated from its first records


def start_export(chosen: "ExportFormat", records: Iterable, total: int) -> Export:
    """Make the first pieces of a file of `total` records, to tell the length of the whole."""
    counted = Counted(records)
    chunks = (each.encode() if isinstance(each, str) else each for each in chosen.chunks(counted))
    first, is_whole = [], True
    for chunk in chunks:
        first.append(chunk)
        if counted.count >= SAMPLE:
            is_whole = False
            break
    length = sum(map(len, first))
    if not is_whole:
        length = round(length / counted.count * max(total, counted.count))
    return Export(chain(first, chunks), length, is_whole)


# --- formats --------------------------------------------------------------------------------------


class _Echo:
    """A file that gives each written line back instead of keeping it."""

    def write(self, line):
        return line


def csv_lines(rows: Iterable[dict[str, str]], columns: list[str]) -> Iterator[str]:
    """Yield a CSV file line by line, with a byte-order mark so that Excel reads UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([safe_cell(row[column]) for column in columns])


class _Pipe:
    """A file that is taken away piece by piece; a ZIP can be written to it, not read."""

    def __init__(self):
        self.pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes) -> int:
        self.pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self):
        pass

    def taken(self) -> bytes:
        taken, self.pieces, self.size = b"".join(self.pieces), [], 0
        return taken


def xlsx_chunks(rows: Iterable[dict[str, str]], columns: list[str]) -> Iterator[bytes]:
    """Yield an XLSX file while its rows are read.

    openpyxl, which can only write whole files, makes one without rows; they are put into its sheet
    on the way out, all cells as text, even where they begin with "=".
    """
    empty = zipfile.ZipFile(_empty_book(columns))
    letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as book:
        for name in empty.namelist():
            if name != SHEET:
                book.writestr(name, empty.read(name))
        head, end_of_rows, foot = empty.read(SHEET).decode().partition("</sheetData>")
        with book.open(SHEET, "w") as sheet:
            sheet.write(head.encode())
            for number, row in enumerate(rows, 2):
                cells = "".join(
                    f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">'
                    f"{xml_escape(xml_text(row[column])[:CELL_LENGTH])}</t></is></c>"
                    for letter, column in zip(letters, columns, strict=True)
                )
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
                # Often nothing yet: whoever takes the pieces decides how long to go on.
                yield pipe.taken()
            sheet.write((end_of_rows + foot).encode())
    yield pipe.taken()


def _empty_book(columns: list[str]) -> io.BytesIO:
    """Return an XLSX file of one sheet with nothing but its heading."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    sheet.freeze_panes = "A2"
    heading = [WriteOnlyCell(sheet, value=column) for column in columns]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    made = io.BytesIO()
    book.save(made)
    return made


def json_chunks(objects: Iterable[dict]) -> Iterator[str]:
    """Yield one JSON array, an object a line."""
    opening = "["
    for item in objects:
        yield opening + "\n" + json.dumps(item, ensure_ascii=False)
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def cited(records: Iterable, of_record: Callable, write: Callable) -> Iterator[str]:
    """Yield the citation of each record in one format (`citations.bibtex`, `citations.ris`)."""
    publisher = SiteSettings.load().name
    for record in records:
        yield write(of_record(record, publisher))


@dataclass(frozen=True)
class ExportFormat:
    media_type: str
    chunks: Callable[[Iterable], Iterator]


CSV, JSON = "text/csv; charset=utf-8", "application/json; charset=utf-8"
BIBTEX = "application/x-bibtex; charset=utf-8"
RIS = "application/x-research-info-systems; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SESSION_FORMATS = {
    "csv": ExportFormat(CSV, lambda found: csv_lines(map(session_row, found), SESSION_COLUMNS)),
    "xlsx": ExportFormat(
        XLSX, lambda found: xlsx_chunks(map(session_row, found), SESSION_COLUMNS)
    ),
    "json": ExportFormat(JSON, lambda found: json_chunks(map(session_json, found))),
    "bib": ExportFormat(
        BIBTEX, lambda found: cited(found, citations.of_session, citations.bibtex)
    ),
    "ris": ExportFormat(RIS, lambda found: cited(found, citations.of_session, citations.ris)),
}
RECOMMENDATION_FORMATS = {
    "csv": ExportFormat(
        CSV, lambda found: csv_lines(map(recommendation_row, found), RECOMMENDATION_COLUMNS)
    ),
    "xlsx": ExportFormat(
        XLSX, lambda found: xlsx_chunks(map(recommendation_row, found), RECOMMENDATION_COLUMNS)
    ),
    "json": ExportFormat(
        JSON, lambda found: json_chunks(map(recommendation_with_session_json, found))
    ),
    "bib": ExportFormat(
        BIBTEX, lambda found: cited(found, citations.of_recommendation, citations.bibtex)
    ),
    "ris": ExportFormat(
        RIS, lambda found: cited(found, citations.of_recommendation, citations.ris)
    ),
}
