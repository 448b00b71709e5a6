"""Workbooks designed to use much memory or time are rejected before they use either."""

import io
import random
import tracemalloc
import zipfile

import pytest
import tablib

from site_app.spreadsheets.formats import XlsxSheet

NOISE = random.Random(1).randbytes(10_000)  # incompressible, so that the ratio stays realistic
MAX_MEMORY = 16 * 1024 * 1024  # bytes that rejecting a file may use
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)
DECLARED = {
    "billion laughs": (f"<!DOCTYPE x [{LAUGHS}]>", "&l9;"),
    "quadratic": (f'<!DOCTYPE x [<!ENTITY a "{"a" * 60_000}">]>', "&a;" * 2000),
    "after a comment": (f'<!--{"x" * 9000}--><!DOCTYPE x [<!ENTITY a "b">]>', "&a;"),
    "a parameter": ('<!DOCTYPE x [<!ENTITY % a "b">]>', "c"),
    "from outside": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"),
}
SHEET = "xl/worksheets/sheet1.xml"
PARTS = (
    SHEET,
    "xl/workbook.xml",
    "[Content_Types].xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
)


def workbook(changes=(), more=()):
    """Return a workbook with one row, with `changes` {part: text → text} and `more` [(name, text)]."""
    content = XlsxSheet().export_data(tablib.Dataset(["mark"], headers=["title"]))
    packed = io.BytesIO()
    changes = dict(changes)
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", 8) as new:
        for name in old.namelist():
            change = changes.get(name, lambda text: text)
            made = change(old.read(name).decode())
            new.writestr(name, made)
        for name, text in more:
            new.writestr(name, text)
    return packed.getvalue()


def with_declaration(declaration, reference, encoding="UTF-8"):
    """Return a change of a part: it adds a declaration, and its text refers to that."""

    def change(text):
        body = text[text.index("?>") + 2 :] if text.startswith("<?xml") else text
        body = body.replace("mark", reference)
        return f'<?xml version="1.0" encoding="{encoding}"?>{declaration}{body}'.encode(encoding)

    return change


def read(content):
    return XlsxSheet().create_dataset(content).dict


def test_workbook_without_entities_is_read():
    assert read(workbook()) == [{"title": "mark"}]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", DECLARED)
def test_workbook_with_entities_is_rejected(name, part, encoding):
    content = workbook({part: with_declaration(*DECLARED[name], encoding)})

    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="declares entities and is not read"):
            read(content)
        assert tracemalloc.get_traced_memory()[1] < MAX_MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (workbook(more=[("x", "x" * 4_000_000)]), "unpacks to"),
        (workbook(more=[(f"x{n}", "") for n in range(1001)]), "more than 1,000 parts"),
        (
            workbook({SHEET: lambda text: text.replace("mark", "m" * 32_768)}, [("x", NOISE)]),
            "more than 32,767 characters",
        ),
        (
            workbook(
                {
                    SHEET: lambda text: text.replace(
                        '<row r="2"><c r="A2"', '<row r="900000"><c r="A900000"'
                    ).replace('<dimension ref="A1:A2"/>', "")
                }
            ),
            "more than 100,000 lines",
        ),
    ],
    ids=["ratio", "parts", "cell", "rows left out"],
)
def test_workbook_beyond_a_limit_is_rejected(content, message):
    with pytest.raises(ValueError, match=message):
        read(content)
