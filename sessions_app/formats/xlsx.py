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

from .json import xml_text

CELL_LENGTH = 32767  # characters; the maximum for a cell
MAX_LINKS = 65_530  # per sheet, by Excel's specification; further URLs are plain text
ADDRESS_LENGTH = 2079  # characters of a link, by the same specification
FIRST_DAY = date(1900, 3, 1)  # Excel treats 1900 as a leap year
ROW_HEIGHT = 48  # points: three lines
ABOUT_WIDTHS = (24, 100)  # characters
SHEET, LINKS = "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels"
# Parts that contain the number of rows, which is known only after all are written.
WITH_COUNT = (SHEET, "xl/worksheets/sheet2.xml", "xl/workbook.xml")
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


class Kind(Enum):
    """The type of the cells in a column."""

    TEXT = auto()
    DAY = auto()
    MOMENT = auto()  # in UTC: spreadsheets have no time zones
    NUMBER = auto()
    ADDRESS = auto()


@dataclass(frozen=True)
class SheetColumn:
    width: int  # characters
    kind: Kind = Kind.TEXT


COLUMNS = {
    "title": SheetColumn(50),
    "held_on": SheetColumn(12, Kind.DAY),
    "ends_on": SheetColumn(12, Kind.DAY),
    "series": SheetColumn(28),
    "speakers": SheetColumn(40),
    "organisations": SheetColumn(30),
    "topics": SheetColumn(28),
    "regions": SheetColumn(22),
    "summary": SheetColumn(70),
    "recommendation_count": SheetColumn(12, Kind.NUMBER),
    "recommendations": SheetColumn(60),
    "audience": SheetColumn(24),
    "documents": SheetColumn(30),
    "document_urls": SheetColumn(30),
    "has_recording": SheetColumn(12),
    "language": SheetColumn(10),
    "url": SheetColumn(48, Kind.ADDRESS),
    "updated_at": SheetColumn(17, Kind.MOMENT),
    "recommendation": SheetColumn(70),
    "made_by": SheetColumn(32),
    "session": SheetColumn(44),
    "number": SheetColumn(9, Kind.NUMBER),
    "session_url": SheetColumn(48, Kind.ADDRESS),
}


@dataclass(frozen=True)
class About:
    """The sheet that describes the contents of a file. `lines` are (label, value); addresses become links."""

    sheet: str  # name of the sheet with the rows, at most 31 characters
    title: str  # title of the sheet about them, likewise
    rows_label: str
    lines: list[tuple[str, str]]


class _Pipe:
    """A write-only file for a ZIP, emptied piece by piece."""

    def __init__(self):
        self.pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self):
        pass

    def taken(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def xlsx_chunks(
    rows: Iterable[dict[str, str]], columns: list[str], about: About
) -> Iterator[bytes]:
    """Yield an XLSX file while its rows, {column: text}, are read."""
    empty, styles = _book(columns, about, 0)
    letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
    links: list[tuple[str, str]] = []
    pipe, count = _Pipe(), 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as book:
        # "[Content_Types].xml" comes first, because programs identify the format by it.
        for name in sorted(empty.namelist()):
            if name not in WITH_COUNT:
                book.writestr(name, empty.read(name))
        with book.open(SHEET, "w") as sheet:
            sheet.write(empty.read(SHEET).decode().partition("</sheetData>")[0].encode())
            for count, row in enumerate(rows, 1):
                place = count + 1
                cells = []
                for letter, name in zip(letters, columns, strict=True):
                    text, kind = row[name], COLUMNS[name].kind
                    cells.append(_cell(f"{letter}{place}", text, kind, styles[kind]))
                    if kind is Kind.ADDRESS and _is_link(text) and len(links) < MAX_LINKS:
                        links.append((f"{letter}{place}", text))
                sheet.write(
                    f'<row r="{place}" ht="{ROW_HEIGHT}" customHeight="1">{"".join(cells)}</row>'.encode()
                )
                # Often empty: the consumer decides how long to continue.
                yield pipe.taken()
            whole, _styles = _book(columns, about, count)
            _head, end, foot = whole.read(SHEET).decode().partition("</sheetData>")
            before, margins, after = foot.partition("<pageMargins")
            sheet.write(f"{end}{before}{_hyperlinks(links)}{margins}{after}".encode())
        if links:
            book.writestr(LINKS, _relations(links))
        for name in WITH_COUNT[1:]:
            book.writestr(name, whole.read(name))
    yield pipe.taken()


def _cell(place: str, text: str, kind: Kind, style: int) -> str:
    number = _number(text, kind)
    if number is not None:
        return f'<c r="{place}" s="{style}"><v>{number}</v></c>'
    if not text:
        return f'<c r="{place}" s="{style}"/>'
    content = escape(xml_text(text)[:CELL_LENGTH])
    return (
        f'<c r="{place}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{content}</t></is></c>'
    )


def _number(text: str, kind: Kind) -> float | int | None:
    """Return how a spreadsheet counts a day, moment or number; None for what it cannot count."""
    if not text:
        return None
    if kind is Kind.NUMBER:
        return int(text)
    if kind is Kind.DAY:
        day = date.fromisoformat(text)
        return int(to_excel(day)) if day >= FIRST_DAY else None
    if kind is Kind.MOMENT:
        return to_excel(datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None))
    return None


def _is_link(text: str) -> bool:
    return text.startswith(("https://", "http://")) and len(text) <= ADDRESS_LENGTH


def _hyperlinks(links) -> str:
    found = "".join(
        f'<hyperlink ref="{place}" r:id="rId{number}"/>'
        for number, (place, _address) in enumerate(links, 1)
    )
    return f'<hyperlinks xmlns:r="{RELATION}">{found}</hyperlinks>' if found else ""


def _relations(links) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATION}/hyperlink" '
        f'Target={quoteattr(address)} TargetMode="External"/>'
        for number, (_place, address) in enumerate(links, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>'


def _book(
    columns: list[str], about: About, row_count: int
) -> tuple[zipfile.ZipFile, dict[Kind, int]]:
    """Return an XLSX file for this many rows without the rows, and the ids of its cell styles."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(about.sheet)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{row_count + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    for number, name in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = COLUMNS[name].width
    sheet.append([_styled(sheet, name, font=Font(bold=True), fill=_SHADE) for name in columns])
    styles = {
        Kind.TEXT: _styled(sheet, alignment=_WRAPPED),
        Kind.DAY: _styled(sheet, alignment=_TOP, number_format="yyyy-mm-dd"),
        Kind.MOMENT: _styled(sheet, alignment=_TOP, number_format="yyyy-mm-dd hh:mm"),
        Kind.NUMBER: _styled(sheet, alignment=_TOP, number_format="0"),
        Kind.ADDRESS: _styled(sheet, alignment=_WRAPPED, font=_LINK),
    }
    numbers = {kind: cell.style_id for kind, cell in styles.items()}
    _write_about(book.create_sheet(about.title), about, row_count)
    made = io.BytesIO()
    book.save(made)
    return zipfile.ZipFile(made), numbers


_SHADE = PatternFill("solid", fgColor="E7E3DA")
_LINK = Font(color="0B4F6C", underline="single")
_TOP = Alignment(vertical="top")
_WRAPPED = Alignment(vertical="top", wrap_text=True)


def _styled(sheet, value=None, **style):
    cell = WriteOnlyCell(sheet, value=value)
    for name, chosen in style.items():
        setattr(cell, name, chosen)
    return cell


def _write_about(sheet, about: About, row_count: int) -> None:
    # As wide as one sheet of paper, however long.
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    for letter, width in zip("AB", ABOUT_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_styled(sheet, about.title, font=Font(bold=True, size=14))])
    for label, text in [*about.lines, (about.rows_label, row_count)]:
        value = _styled(
            sheet, alignment=Alignment(vertical="top", wrap_text=True, horizontal="left")
        )
        if isinstance(text, str):
            value.value = xml_text(text)[:CELL_LENGTH]
            value.data_type = "s"  # even for text that begins with "="
            if _is_link(text):
                value.hyperlink, value.font = text, _LINK
        else:
            value.value = text
        sheet.append([_styled(sheet, label, font=Font(bold=True), alignment=_TOP), value])
