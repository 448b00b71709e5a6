"""CSV and XLSX files of staff: read with limits, written without formulas."""

import csv
import io
import zipfile
import zlib
from datetime import date, datetime, time

import tablib
from django.template.defaultfilters import filesizeformat
from import_export.formats import base_formats
from openpyxl import load_workbook

from .cells import plain_cell, safe_cell
from .xml_parts import has_document_type

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024  # bytes of all parts of an XLSX file
MAX_RATIO = 200  # of the unpacked bytes of an XLSX file to the packed ones
MAX_PARTS = 1000
MAX_ROWS = 20_000
MAX_LINES = 100_000  # of a file, the empty ones among them
MAX_COLUMNS = 100
CELL_LENGTH = 32_767  # characters; what a cell of XLSX holds


# What zipfile and openpyxl raise for a file that is not a workbook, or a broken one.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, KeyError, IndexError, TypeError, OSError, EOFError,
    AttributeError, SyntaxError, NotImplementedError, RuntimeError, RecursionError, OverflowError,
)  # fmt: skip


def _dataset(rows) -> tablib.Dataset:
    """Return rows of texts as a data set; the first one names the columns.

    Raises ValueError, worded for the person who chose the file.
    """
    headers = [each.strip() for each in next(rows, [])]
    while headers and not headers[-1]:
        headers.pop()
    if not any(headers):
        raise ValueError("The first row must name the columns.")
    if len(headers) > MAX_COLUMNS or len(set(headers)) != len(headers):
        raise ValueError(f"The first row must name at most {MAX_COLUMNS} columns, each once.")
    found = tablib.Dataset(headers=headers)
    for number, row in enumerate(rows, 2):
        if number > MAX_LINES:
            raise ValueError(f"The file has more than {MAX_LINES:,} lines; delete the empty ones.")
        cells = [plain_cell(cell) for cell in row[: len(headers)]]
        if not any(cells):
            continue
        if len(found) == MAX_ROWS:
            raise ValueError(f"The file has more than {MAX_ROWS:,} rows; cut it into several.")
        found.append(cells + [""] * (len(headers) - len(cells)))
    return found


def _escaped(dataset) -> tablib.Dataset:
    safe = tablib.Dataset(headers=dataset.headers)
    for row in dataset:
        safe.append([safe_cell("" if cell is None else str(cell)) for cell in row])
    return safe


class CsvSheet(base_formats.CSV):
    def create_dataset(self, in_stream, **kwargs):
        try:
            text = in_stream.decode("utf-8-sig") if isinstance(in_stream, bytes) else in_stream
        except UnicodeDecodeError as error:
            raise ValueError("The file is not UTF-8. Save it as “CSV UTF-8”.") from error
        if "\x00" in text:
            raise ValueError("The file is no text.")
        head = text.partition("\n")[0]
        delimiter = max(",;\t", key=head.count)  # Excel writes what the country of its user does
        try:
            return _dataset(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise ValueError(f"The file is no readable CSV: {error}.") from error

    def is_binary(self):
        return True  # kept between the two steps as it was sent; decoded above

    def get_read_mode(self):
        return "rb"

    def export_data(self, dataset, **kwargs):
        return ("\ufeff" + _escaped(dataset).export("csv")).encode()


class XlsxSheet(base_formats.XLSX):
    def create_dataset(self, in_stream):
        try:
            _check_parts(in_stream)
            book = load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True)
            rows = book.active.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
            return _dataset([_text(cell) for cell in row] for row in rows)
        except UNREADABLE as error:
            raise ValueError("The file is no readable XLSX workbook.") from error

    def export_data(self, dataset, **kwargs):
        for number, row in enumerate(dataset, 2):
            if any(len(cell) > CELL_LENGTH for cell in row if isinstance(cell, str)):
                raise ValueError(
                    f"Row {number} has a text of more than {CELL_LENGTH:,} characters, which no "
                    "cell of XLSX holds. Export as CSV."
                )
        return super().export_data(_escaped(dataset), **kwargs)


def _check_parts(content: bytes) -> None:
    """Raise ValueError for a workbook that unpacks to more than is read.

    No part unpacks to more than it says, and none grows while it is parsed: entities are declared
    in a document type, which no part of a workbook has.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        most = min(MAX_UNPACKED, MAX_RATIO * len(content))
        if size > most:
            raise ValueError(
                f"The workbook unpacks to {filesizeformat(size)}; "
                f"at most {filesizeformat(most)} are read."
            )
        if len(parts) > MAX_PARTS:
            raise ValueError(f"The workbook has more than {MAX_PARTS:,} parts and is not read.")
        for part in parts:
            with archive.open(part) as file:
                if has_document_type(file):
                    raise ValueError("The workbook declares entities and is not read.")


def _text(cell) -> str:
    """Return a cell as CSV would have it."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case str() if len(cell) > CELL_LENGTH:
            raise ValueError(f"A cell has a text of more than {CELL_LENGTH:,} characters.")
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time.min:
            return cell.date().isoformat()
        case date() | datetime():
            return cell.isoformat(*([" "] if isinstance(cell, datetime) else []))
    return str(cell)


FORMATS = [CsvSheet, XlsxSheet]
