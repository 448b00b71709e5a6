"""CSV, XLSX and JSON files of staff: read with limits, written without formulas."""

import codecs
import csv
import io
import json
import re
import zipfile
import zlib
from datetime import date, datetime, time
from itertools import chain

import tablib
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from import_export.formats import base_formats
from openpyxl import load_workbook

from .escaping import escape_formula, unescape_formula
from .xml_parts import has_document_type

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_XLSX_BYTES = 64 * 1024 * 1024  # bytes of all parts of an XLSX file, unpacked
MAX_XLSX_COMPRESSION_RATIO = 200  # maximum compression ratio of an XLSX file
MAX_XLSX_PARTS = 1000
MAX_ROWS = 20_000
MAX_LINES = 100_000  # per file, including empty lines
MAX_COLUMNS = 100
MAX_CELL_CHARACTERS = 32_767  # characters; the maximum for an XLSX cell
# A CSV cell may be as long as the whole file; the csv module's default limit is 128 KiB.
csv.field_size_limit(MAX_FILE_BYTES)


# Exceptions of zipfile and openpyxl for a file that is not a workbook, or is damaged.
UNREADABLE_WORKBOOK_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    IndexError,
    TypeError,
    OSError,
    EOFError,
    AttributeError,
    SyntaxError,
    NotImplementedError,
    RuntimeError,
    RecursionError,
    OverflowError,
)


# Characters not allowed in XML, the carriage return, which XML normalises to a line feed, and text
# that looks like an escape sequence. Source: ECMA-376, part 1, 22.9.2.19 (ST_Xstring).
_ESCAPED_IN_XLSX = re.compile(
    r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)
_XLSX_ESCAPE_SEQUENCE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Sheet(tablib.Dataset):
    """Rows of texts; `lines` has the line number of each row in the file.

    `remark` is what the person who chose the file should know of how it was read.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines: list[int] = []
        self.remark = ""


def _sheet_from_rows(rows, plain=unescape_formula) -> Sheet:
    """Return rows of texts as a sheet; the first one names the columns.

    Raises ValueError, worded for the person who chose the file.
    """
    headers = [header.strip() for header in next(rows, [])]
    while headers and not headers[-1]:
        headers.pop()
    names = [name for name in headers if name]
    if not names:
        raise ValueError(gettext("The first row must name the columns."))
    if len(headers) > MAX_COLUMNS or len(set(names)) != len(names):
        raise ValueError(
            gettext("The first row must name at most %(max_columns)s columns, each once.")
            % {"max_columns": MAX_COLUMNS}
        )
    sheet = Sheet(headers=names)
    for number, row in enumerate(rows, 2):
        if number > MAX_LINES:
            raise ValueError(f"The file has more than {MAX_LINES:,} lines; delete the empty ones.")
        if not any(row):
            continue
        if len(sheet) == MAX_ROWS:
            raise ValueError(f"The file has more than {MAX_ROWS:,} rows; cut it into several.")
        cells = [*row, *[""] * (len(headers) - len(row))]
        for place, cell in enumerate(cells, 1):
            if cell and (place > len(headers) or not headers[place - 1]):
                raise ValueError(
                    gettext(
                        "Row %(number)s has a value in column %(place)s, which the first row does "
                        "not name."
                    )
                    % {"number": number, "place": place}
                )
        sheet.append([plain(cell) for cell, name in zip(cells, headers, strict=False) if name])
        sheet.lines.append(number)
    return sheet


def _escape_cells(dataset, escape=escape_formula) -> tablib.Dataset:
    safe = tablib.Dataset(headers=dataset.headers)
    for row in dataset:
        safe.append([escape("" if cell is None else str(cell)) for cell in row])
    return safe


def _escape_xlsx_cell(value: str) -> str:
    """Return a cell as a workbook stores it: not a formula, and of characters that XML has."""
    return _ESCAPED_IN_XLSX.sub(lambda match: f"_x{ord(match[0]):04X}_", escape_formula(value))


def _decode_text_file(content: bytes) -> tuple[str, str]:
    """Return the text of a CSV file and a remark, empty unless its encoding had to be guessed."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), ""
        except UnicodeDecodeError as error:
            raise ValueError(
                gettext("The file begins like UTF-16 but is not. Save it as “CSV UTF-8”.")
            ) from error
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ValueError(gettext("The file is not UTF-8. Save it as “CSV UTF-8”.")) from error
    return text, (
        gettext(
            "The file is not UTF-8 and was read as Windows-1252. Look at letters with accents; if they "
            "are wrong, save it as “CSV UTF-8” and choose it again."
        )
    )


class CsvSheet(base_formats.CSV):
    def create_dataset(self, in_stream, **kwargs):
        text, remark = _decode_text_file(in_stream)
        if "\x00" in text:
            raise ValueError(gettext("The file is not a text file."))
        head = text.partition("\n")[0]
        delimiter = max(",;\t", key=head.count)  # Excel uses the separator of the user's region
        try:
            sheet = _sheet_from_rows(
                csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            )
        except csv.Error as error:
            raise ValueError(
                gettext("The file is not valid CSV: %(error)s.") % {"error": error}
            ) from error
        sheet.remark = remark
        return sheet

    def is_binary(self):
        return True  # stored between the two steps as it was sent; decoded above

    def get_read_mode(self):
        return "rb"

    def export_data(self, dataset, **kwargs):
        return ("\ufeff" + _escape_cells(dataset).export("csv")).encode()


class XlsxSheet(base_formats.XLSX):
    def create_dataset(self, in_stream):
        try:
            _check_workbook_is_safe(in_stream)
            book = load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True)
            rows = book.active.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
            return _sheet_from_rows([_text_of_cell(cell) for cell in row] for row in rows)
        except UNREADABLE_WORKBOOK_ERRORS as error:
            raise ValueError(gettext("The file is not a valid XLSX workbook.")) from error

    def export_data(self, dataset, **kwargs):
        for number, row in enumerate(dataset, 2):
            if any(len(cell) > MAX_CELL_CHARACTERS for cell in row if isinstance(cell, str)):
                raise ValueError(
                    f"Row {number} has a text of more than {MAX_CELL_CHARACTERS:,} characters, which no "
                    "cell of XLSX holds. Export as CSV or JSON."
                )
        return super().export_data(_escape_cells(dataset, _escape_xlsx_cell), **kwargs)


class JsonSheet(base_formats.JSON):
    """An array of objects, one a row, the names of the columns as keys."""

    def create_dataset(self, in_stream, **kwargs):
        try:
            rows = json.loads(_decode_text_file(in_stream)[0])
        except (ValueError, RecursionError) as error:
            raise ValueError(gettext("The file is not valid JSON.")) from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError(gettext("The file is not a JSON array of objects, one for each row."))
        names = list(dict.fromkeys(name for row in rows for name in row))
        cells = ([_text_of_json_value(row.get(name)) for name in names] for row in rows)
        return _sheet_from_rows(chain([names], cells), plain=str)

    def is_binary(self):
        return True

    def get_read_mode(self):
        return "rb"

    def export_data(self, dataset, **kwargs):
        rows = _escape_cells(dataset, str).dict
        return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def _text_of_json_value(value) -> str:
    if isinstance(value, list | dict):
        raise ValueError(
            gettext("A value in the file is a list or an object; write it as a text.")
        )
    return "" if value is None else value if isinstance(value, str) else _text_of_cell(value)


def _check_workbook_is_safe(content: bytes) -> None:
    """Raise ValueError for a workbook that unpacks to more than is read.

    No part unpacks to more than it says, and none grows while it is parsed: entities are declared
    in a document type, which no part of a workbook has.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        most = min(MAX_UNPACKED_XLSX_BYTES, MAX_XLSX_COMPRESSION_RATIO * len(content))
        if size > most:
            raise ValueError(
                f"The workbook unpacks to {filesizeformat(size)}; "
                f"at most {filesizeformat(most)} are read."
            )
        if len(parts) > MAX_XLSX_PARTS:
            raise ValueError(
                f"The workbook has more than {MAX_XLSX_PARTS:,} parts and is not read."
            )
        for part in parts:
            with archive.open(part) as file:
                if has_document_type(file):
                    raise ValueError(gettext("The workbook declares entities and is not read."))


def _text_of_cell(cell) -> str:
    """Return a cell as CSV would have it."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case str() if len(cell) > MAX_CELL_CHARACTERS:
            raise ValueError(f"A cell has a text of more than {MAX_CELL_CHARACTERS:,} characters.")
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time.min:
            return cell.date().isoformat()
        case date() | datetime():
            return cell.isoformat(*([" "] if isinstance(cell, datetime) else []))
        case str():
            return _XLSX_ESCAPE_SEQUENCE.sub(lambda match: chr(int(match[1], 16)), cell)
    return str(cell)


SHEET_FORMATS = [CsvSheet, XlsxSheet, JsonSheet]


def detect_format_index(head: bytes) -> str:
    """Return the index in FORMATS of the format of a file that begins like this."""
    if head.startswith(b"PK\x03\x04"):
        return str(SHEET_FORMATS.index(XlsxSheet))
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"[", b"{"):
        return str(SHEET_FORMATS.index(JsonSheet))
    return str(SHEET_FORMATS.index(CsvSheet))
