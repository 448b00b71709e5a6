"""Lists as XLSX, streamed: real dates and numbers, links, and a sheet that says where they come from.

openpyxl, which can only write whole files, makes the book without rows; they are put into its first
sheet on the way out. Text is stored as text, even where it begins with "=".
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, auto
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.properties import PageSetupProperties

from .json import remove_invalid_xml_characters

MAX_CELL_CHARACTERS = 32767  # characters; the maximum for a cell
MAX_LINKS_PER_SHEET = 65_530  # per sheet, by Excel's specification; further URLs are plain text
MAX_LINK_CHARACTERS = 2079  # characters of a link, by the same specification
FIRST_DAY_STORED_AS_DATE = date(1900, 3, 1)  # Excel treats 1900 as a leap year
ROW_HEIGHT_POINTS = 48  # points: three lines
ABOUT_COLUMN_WIDTHS = (24, 100)  # characters
ROWS_SHEET_PATH, ROWS_SHEET_LINKS_PATH = (
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/_rels/sheet1.xml.rels",
)
# Parts that contain the number of rows, which is known only after all are written.
PARTS_WITH_ROW_COUNT = (ROWS_SHEET_PATH, "xl/worksheets/sheet2.xml", "xl/workbook.xml")
RELATION_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"


class CellKind(Enum):
    """The type of the cells in a column."""

    TEXT = auto()
    DAY = auto()
    MOMENT = auto()  # in UTC: spreadsheets have no time zones
    NUMBER = auto()
    ADDRESS = auto()


@dataclass(frozen=True)
class SheetColumn:
    width: int  # characters
    kind: CellKind = CellKind.TEXT


COLUMN_BY_NAME = {
    "title": SheetColumn(50),
    "held_on": SheetColumn(12, CellKind.DAY),
    "ends_on": SheetColumn(12, CellKind.DAY),
    "series": SheetColumn(28),
    "speakers": SheetColumn(40),
    "organisations": SheetColumn(30),
    "topics": SheetColumn(28),
    "regions": SheetColumn(22),
    "summary": SheetColumn(70),
    "recommendation_count": SheetColumn(12, CellKind.NUMBER),
    "recommendations": SheetColumn(60),
    "audience": SheetColumn(24),
    "documents": SheetColumn(30),
    "document_urls": SheetColumn(30),
    "has_recording": SheetColumn(12),
    "language": SheetColumn(10),
    "url": SheetColumn(48, CellKind.ADDRESS),
    "updated_at": SheetColumn(17, CellKind.MOMENT),
    "recommendation": SheetColumn(70),
    "made_by": SheetColumn(32),
    "session": SheetColumn(44),
    "number": SheetColumn(9, CellKind.NUMBER),
    "session_url": SheetColumn(48, CellKind.ADDRESS),
}


@dataclass(frozen=True)
class AboutSheet:
    """The sheet that describes the contents of a file. `lines` are (label, value); addresses become links."""

    sheet: str  # name of the sheet with the rows, at most 31 characters
    title: str  # title of the sheet about them, likewise
    rows_label: str
    lines: list[tuple[str, str]]


class _ChunkBuffer:
    """A write-only file for a ZIP, emptied piece by piece."""

    def __init__(self):
        self.pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self):
        pass

    def take_written_bytes(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def xlsx_chunks(
    rows: Iterable[dict[str, str]], columns: list[str], about: AboutSheet
) -> Iterator[bytes]:
    """Yield an XLSX file while its rows, {column: text}, are read."""
    empty, styles = _workbook_without_rows(columns, about, 0)
    letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
    links: list[tuple[str, str]] = []
    pipe, count = _ChunkBuffer(), 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as book:
        # "[Content_Types].xml" comes first, because programs identify the format by it.
        for name in sorted(empty.namelist()):
            if name not in PARTS_WITH_ROW_COUNT:
                book.writestr(name, empty.read(name))
        with book.open(ROWS_SHEET_PATH, "w") as sheet:
            sheet.write(empty.read(ROWS_SHEET_PATH).decode().partition("</sheetData>")[0].encode())
            for count, row in enumerate(rows, 1):
                place = count + 1
                cells = []
                for letter, name in zip(letters, columns, strict=True):
                    text, kind = row[name], COLUMN_BY_NAME[name].kind
                    cells.append(_cell_xml(f"{letter}{place}", text, kind, styles[kind]))
                    if (
                        kind is CellKind.ADDRESS
                        and _can_be_link(text)
                        and len(links) < MAX_LINKS_PER_SHEET
                    ):
                        links.append((f"{letter}{place}", text))
                sheet.write(
                    f'<row r="{place}" ht="{ROW_HEIGHT_POINTS}" customHeight="1">{"".join(cells)}</row>'.encode()
                )
                # Often empty: the consumer decides how long to continue.
                yield pipe.take_written_bytes()
            whole, _styles = _workbook_without_rows(columns, about, count)
            _head, end, foot = whole.read(ROWS_SHEET_PATH).decode().partition("</sheetData>")
            before, margins, after = foot.partition("<pageMargins")
            sheet.write(f"{end}{before}{_hyperlinks_xml(links)}{margins}{after}".encode())
        if links:
            book.writestr(ROWS_SHEET_LINKS_PATH, _relations_xml(links))
        for name in PARTS_WITH_ROW_COUNT[1:]:
            book.writestr(name, whole.read(name))
    yield pipe.take_written_bytes()


def _cell_xml(place: str, text: str, kind: CellKind, style: int) -> str:
    number = _spreadsheet_number(text, kind)
    if number is not None:
        return f'<c r="{place}" s="{style}"><v>{number}</v></c>'
    if not text:
        return f'<c r="{place}" s="{style}"/>'
    content = escape(remove_invalid_xml_characters(text)[:MAX_CELL_CHARACTERS])
    return (
        f'<c r="{place}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{content}</t></is></c>'
    )


def _spreadsheet_number(text: str, kind: CellKind) -> float | int | None:
    """Return how a spreadsheet counts a day, moment or number; None for what it cannot count."""
    if not text:
        return None
    if kind is CellKind.NUMBER:
        return int(text)
    if kind is CellKind.DAY:
        day = date.fromisoformat(text)
        return int(to_excel(day)) if day >= FIRST_DAY_STORED_AS_DATE else None
    if kind is CellKind.MOMENT:
        return to_excel(datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None))
    return None


def _can_be_link(text: str) -> bool:
    return text.startswith(("https://", "http://")) and len(text) <= MAX_LINK_CHARACTERS


def _hyperlinks_xml(links) -> str:
    found = "".join(
        f'<hyperlink ref="{place}" r:id="rId{number}"/>'
        for number, (place, _address) in enumerate(links, 1)
    )
    return f'<hyperlinks xmlns:r="{RELATION_NAMESPACE}">{found}</hyperlinks>' if found else ""


def _relations_xml(links) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATION_NAMESPACE}/hyperlink" '
        f'Target={quoteattr(address)} TargetMode="External"/>'
        for number, (_place, address) in enumerate(links, 1)
    )
    return f'<Relationships xmlns="{PACKAGE_NAMESPACE}">{relations}</Relationships>'


def _workbook_without_rows(
    columns: list[str], about: AboutSheet, row_count: int
) -> tuple[zipfile.ZipFile, dict[CellKind, int]]:
    """Return an XLSX file for this many rows without the rows, and the ids of its cell styles."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(about.sheet)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{row_count + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    for number, name in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = COLUMN_BY_NAME[name].width
    sheet.append(
        [_styled_cell(sheet, name, font=Font(bold=True), fill=_HEADER_FILL) for name in columns]
    )
    styles = {
        CellKind.TEXT: _styled_cell(sheet, alignment=_WRAPPED_ALIGNMENT),
        CellKind.DAY: _styled_cell(sheet, alignment=_TOP_ALIGNMENT, number_format="yyyy-mm-dd"),
        CellKind.MOMENT: _styled_cell(
            sheet, alignment=_TOP_ALIGNMENT, number_format="yyyy-mm-dd hh:mm"
        ),
        CellKind.NUMBER: _styled_cell(sheet, alignment=_TOP_ALIGNMENT, number_format="0"),
        CellKind.ADDRESS: _styled_cell(sheet, alignment=_WRAPPED_ALIGNMENT, font=_LINK_FONT),
    }
    numbers = {kind: cell.style_id for kind, cell in styles.items()}
    _write_about_sheet(book.create_sheet(about.title), about, row_count)
    made = io.BytesIO()
    book.save(made)
    return zipfile.ZipFile(made), numbers


_HEADER_FILL = PatternFill("solid", fgColor="E7E3DA")
_LINK_FONT = Font(color="0B4F6C", underline="single")
_TOP_ALIGNMENT = Alignment(vertical="top")
_WRAPPED_ALIGNMENT = Alignment(vertical="top", wrap_text=True)


def _styled_cell(sheet, value=None, **style):
    cell = WriteOnlyCell(sheet, value=value)
    for name, chosen in style.items():
        setattr(cell, name, chosen)
    return cell


def _write_about_sheet(sheet, about: AboutSheet, row_count: int) -> None:
    # As wide as one sheet of paper, however long.
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    for letter, width in zip("AB", ABOUT_COLUMN_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_styled_cell(sheet, about.title, font=Font(bold=True, size=14))])
    for label, text in [*about.lines, (about.rows_label, row_count)]:
        value = _styled_cell(
            sheet, alignment=Alignment(vertical="top", wrap_text=True, horizontal="left")
        )
        if isinstance(text, str):
            value.value = remove_invalid_xml_characters(text)[:MAX_CELL_CHARACTERS]
            value.data_type = "s"  # even for text that begins with "="
            if _can_be_link(text):
                value.hyperlink, value.font = text, _LINK_FONT
        else:
            value.value = text
        sheet.append(
            [_styled_cell(sheet, label, font=Font(bold=True), alignment=_TOP_ALIGNMENT), value]
        )
