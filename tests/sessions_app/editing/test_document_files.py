import hashlib
import io
import random
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sessions_app.editing.document_files import (
    MEDIA_TYPE_BY_SUFFIX,
    SUFFIX_BY_MEDIA_TYPE,
    UploadInspection,
    inspect_upload,
    safe_filename,
)
from tests.factories import PDF


def package(*members):
    """Return a ZIP archive of (name, content)."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    return content.getvalue()


OOXML = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "word/document.xml": f"{OOXML}wordprocessingml.document.main+xml",
    "xl/workbook.xml": f"{OOXML}spreadsheetml.sheet.main+xml",
    "ppt/presentation.xml": f"{OOXML}presentationml.presentation.main+xml",
}
WORD = "word/document.xml"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def office(*parts, members=(), main=None):
    """Return an Office document with main `parts` and further `members` (name, content, type)."""
    declared = {part: main or KINDS[part] for part in parts}
    declared |= {name: kind for name, _content, kind in members if kind}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in declared.items()
    )
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="bin" ContentType="application/octet-stream"/>{overrides}</Types>'
    )
    return package(
        ("[Content_Types].xml", types),
        *((part, "<x/>") for part in parts),
        *((name, content) for name, content, _kind in members),
    )


def relation(kind):
    target = f'<Relationship Id="r" Type="{kind}" Target="part.bin"/>'
    return f'<Relationships xmlns="{RELATIONS}">{target}</Relationships>'


def opendocument(kind="text", *, members=(), manifest_kind=None, entries="", content="<x/>"):
    """Return an OpenDocument of that kind."""
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<m:file-entry m:full-path="/" m:media-type="{ODF}{manifest_kind or kind}"/>'
        f"{entries}</m:manifest>"
    )
    return package(
        ("mimetype", f"{ODF}{kind}"),
        ("content.xml", content),
        ("META-INF/manifest.xml", manifest),
        *members,
    )


ODF = "application/vnd.oasis.opendocument."


def picture(form):
    content = io.BytesIO()
    Image.new("RGB", (2, 2)).save(content, form)
    return content.getvalue()


def large_picture(form):
    content = io.BytesIO()
    noise = random.Random(1).randbytes(200 * 200 * 3)
    Image.frombytes("RGB", (200, 200), noise).save(content, form)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (PDF, "pdf"),
        (office("word/document.xml"), "docx"),
        (office("xl/workbook.xml"), "xlsx"),
        (office("ppt/presentation.xml"), "pptx"),
        (opendocument("text"), "odt"),
        (opendocument("spreadsheet"), "ods"),
        (opendocument("presentation"), "odp"),
        (picture("PNG"), "png"),
        (picture("JPEG"), "jpg"),
        ("\ufeffTwo lines,\r\nпо-русски.".encode(), "txt"),
    ],
)
def test_type_of_an_upload_is_determined_by_its_content(content, suffix):
    upload = SimpleUploadedFile("name.exe", content, "application/x-msdownload")

    found = inspect_upload(upload)

    assert found == UploadInspection(
        name=f"name.{suffix}",
        media_type=MEDIA_TYPE_BY_SUFFIX[suffix],
        byte_count=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    assert upload.tell() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><p>x",
        b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'>",
        b"<?xml version='1.0'?><svg/>",
        b"{\\rtf1 text}",
        b"MZ\x90\x00\x03",
        b"GIF89a\x01\x00\x01\x00",
        b"\x89PNG\r\n\x1a\nnothing more",
        b"PK\x03\x04 broken",
        package(("a.txt", "x")),
        package(("[Content_Types].xml", "<x/>")),
        package(("mimetype", "application/epub+zip")),
        *(package(("mimetype", f"{kind}\n"), (WORD, "<x/>")) for kind in SUFFIX_BY_MEDIA_TYPE),
        package(("[Content_Types].xml", "<x/>"), (WORD, "<x/>")),
        office("word/document.xml", "xl/workbook.xml"),
        office(WORD, main=f"{OOXML}wordprocessingml.template.main+xml"),
        office(WORD)[:-1],
        office(WORD) + b"%PDF-1.4",
        b"PK\x03\x04" + b"x" * 40 + office(WORD),
        package(("%PDF-1.4", "x"), *((name, "<x/>") for name in ("a", "b"))),
        opendocument("text", manifest_kind="spreadsheet"),
        opendocument("text", content='<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        PDF + office(WORD),
        PDF + package(("run.jar", "x")),
        picture("PNG") + package(("a", "x")),
        picture("JPEG") + package(("a", "x")),
        picture("PNG")[:-30],
        b"\xff\xd8\xff" + b"\x00" * 100,
        large_picture("JPEG")[:2000],
        large_picture("PNG")[:2000],
        "Café".encode("latin-1"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ],
)
def test_upload_of_another_type_is_rejected(content):
    with pytest.raises(ValidationError, match="This type of file cannot be published"):
        inspect_upload(SimpleUploadedFile("paper.pdf", content, "application/pdf"))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"
VBA = "application/vnd.ms-office.vbaProject"
STAR = '<o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><o:scripts>{}</o:scripts><o:body/></o:document>'


@pytest.mark.parametrize(
    "content",
    [
        office(WORD, members=[("word/vbaProject.bin", "x", "")]),
        office(WORD, members=[("word/VBAPROJECT.BIN", "x", "")]),
        office(WORD, members=[("word/part.bin", "x", VBA)]),
        office(WORD, members=[("word/part.bin", "x", VBA.upper())]),
        office(WORD, members=[("word/part.bin", OLE, "")]),
        office(WORD, members=[("word/media/image1.png", OLE, "image/png")]),
        office(WORD, members=[("word/part.bin", b"MZ\x90\x00", "")]),
        office(WORD, members=[("word/part.bin", "x", "application/vnd.ms-office.activeX")]),
        office(WORD, members=[("xl/macrosheets/sheet1.xml", "<x/>", "")]),
        office(WORD, main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        office(
            WORD,
            members=[
                (
                    "word/_rels/document.xml.rels",
                    relation("http://schemas.microsoft.com/office/2006/relationships/vbaProject"),
                    "",
                )
            ],
        ),
        office(
            "ppt/presentation.xml",
            members=[("ppt/embeddings/oleObject1.bin", "x", f"{OOXML}oleObject")],
        ),
        office(
            WORD,
            members=[
                ("word/embeddings/a.docm", "x", "application/vnd.ms-word.document.macroEnabled.12")
            ],
        ),
        opendocument(members=[("Basic/Standard/Module1.xml", "<x/>")]),
        opendocument(members=[("basic/standard/module1.xml", "<x/>")]),
        opendocument(members=[("Scripts/python/run.py", "x")]),
        opendocument(members=[("Object 1", OLE)]),
        opendocument(
            entries='<m:file-entry m:full-path="Object 1" '
            'm:media-type="application/vnd.sun.star.oleobject"/>'
        ),
        opendocument(content=STAR.format('<o:script xmlns:s="x" s:language="Basic"/>')),
    ],
)
def test_document_with_macros_is_rejected_with_advice(content):
    with pytest.raises(ValidationError, match=r"macros or embedded objects.* or as PDF"):
        inspect_upload(SimpleUploadedFile("paper.docx", content))


def test_documents_without_executable_content_are_accepted():
    assert (
        inspect_upload(SimpleUploadedFile("a", opendocument(content=STAR.format("")))).name
        == "a.odt"
    )
    chart = ("word/embeddings/sheet.xlsx", office("xl/workbook.xml"), "")
    assert inspect_upload(SimpleUploadedFile("a", office(WORD, members=[chart]))).name == "a.docx"


def test_text_is_recognised_across_chunk_boundaries():
    content = ("ä" * 300_000).encode()

    assert inspect_upload(SimpleUploadedFile("a.txt", b"x" + content)).media_type == "text/plain"


def test_markup_after_the_start_is_text():
    content = b"Write <b>bold</b> so.\n"

    assert inspect_upload(SimpleUploadedFile("a.html", content)).name == "a.txt"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\papers\\Final Report (v2).PDF", "Final-Report-v2.pdf"),
        ("Резюме (final).PDF.exe", "Rezyume-final.PDF.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("???", "document.pdf"),
        ("", "document.pdf"),
        ("a" * 300 + ".pdf", "a" * 80 + ".pdf"),
    ],
)
def test_file_name_is_made_safe(name, expected):
    assert safe_filename(name, "application/pdf") == expected


@given(st.text(max_size=120), st.sampled_from(sorted(SUFFIX_BY_MEDIA_TYPE)))
def test_safe_name_is_plain_and_has_the_suffix_of_its_type(name, media_type):
    made = safe_filename(name, media_type)

    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert made.endswith(f".{SUFFIX_BY_MEDIA_TYPE[media_type]}")
    assert made[0] not in ".-"
    assert ".." not in made
