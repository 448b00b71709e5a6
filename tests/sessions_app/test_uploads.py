import hashlib
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sessions_app.uploads import SUFFIXES, TYPES, Inspection, inspect, safe_name
from tests.factories import PDF


def package(*names, mimetype=None, **contents):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "<x/>")
    return content.getvalue()


def office(part, *more):
    return package("[Content_Types].xml", part, *more)


def picture(form):
    content = io.BytesIO()
    Image.new("RGB", (2, 2)).save(content, form)
    return content.getvalue()


ODF = "application/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (PDF, "pdf"),
        (office("word/document.xml"), "docx"),
        (office("xl/workbook.xml"), "xlsx"),
        (office("ppt/presentation.xml"), "pptx"),
        (package(mimetype=f"{ODF}text"), "odt"),
        (package(mimetype=f"{ODF}spreadsheet"), "ods"),
        (package(mimetype=f"{ODF}presentation"), "odp"),
        (picture("PNG"), "png"),
        (picture("JPEG"), "jpg"),
        ("\ufeffTwo lines,\r\nпо-русски.".encode(), "txt"),
    ],
)
def test_upload_is_known_by_its_content(content, suffix):
    upload = SimpleUploadedFile("name.exe", content, "application/x-msdownload")

    found = inspect(upload)

    assert found == Inspection(
        name=f"name.{suffix}",
        media_type=TYPES[suffix],
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
        package("a.txt"),
        package("[Content_Types].xml"),
        package(mimetype="application/epub+zip"),
        office("word/document.xml", "word/vbaProject.bin"),
        office("word/document.xml", "xl/workbook.xml"),
        "Café".encode("latin-1"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ],
)
def test_upload_of_another_type_is_refused(content):
    with pytest.raises(ValidationError, match="none of the types that can be published"):
        inspect(SimpleUploadedFile("paper.pdf", content, "application/pdf"))


def test_text_is_told_across_the_borders_of_chunks():
    content = ("ä" * 300_000).encode()

    assert inspect(SimpleUploadedFile("a.txt", b"x" + content)).media_type == "text/plain"


def test_markup_after_the_start_of_a_text_is_text():
    content = b"Write <b>bold</b> so.\n"

    assert inspect(SimpleUploadedFile("a.html", content)).name == "a.txt"


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
def test_safe_name(name, expected):
    assert safe_name(name, "application/pdf") == expected


@given(st.text(max_size=120), st.sampled_from(sorted(SUFFIXES)))
def test_safe_name_of_any_text_is_plain_and_ends_as_its_type(name, media_type):
    made = safe_name(name, media_type)

    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert made.endswith(f".{SUFFIXES[media_type]}")
    assert made[0] not in ".-"
    assert ".." not in made
