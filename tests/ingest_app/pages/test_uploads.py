"""Uploads are read within limits; damaged or malicious ones are rejected as a whole."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from ingest_app.pages import uploads
from ingest_app.pages.uploads import RefusedUploadError, unpack_uploads
from tests.ingest_app.incoming import zipped


def unpacked(content, name="pages.zip"):
    found = unpack_uploads([(name, io.BytesIO(content))])
    return [(each.name, each.content) for each in found.uploads]


def refusal(content, name="pages.zip"):
    with pytest.raises(RefusedUploadError) as refused:
        unpack_uploads([(name, io.BytesIO(content))])
    return str(refused.value)


def test_only_pages_are_read_from_a_zip():
    content = zipped(
        {
            "a.txt": "A",
            "folder/b.html": "B",
            "folder/style.css": "x",
            "__MACOSX/a.txt": "x",
            "waves/index.htm": "C",
        }
    )

    found = unpack_uploads([("pages.zip", io.BytesIO(content))])

    assert [(each.name, each.content) for each in found.uploads] == [
        ("a.txt", b"A"),
        ("b.html", b"B"),
        ("waves.htm", b"C"),
    ]
    assert found.left_aside == ["folder/style.css"]


def test_file_name_is_the_last_part_of_its_path():
    assert unpacked(b"A", "C:\\pages\\a.txt") == [("a.txt", b"A")]


def test_zip_is_recognised_by_content():
    assert unpacked(zipped({"a.txt": "A"}), "pages.txt") == [("a.txt", b"A")]
    assert refusal(b"A", "pages.zip") == "pages.zip is not a ZIP archive."


@pytest.mark.parametrize(
    "path", ["../../a.txt", "/etc/a.txt", "..\\..\\a.txt", "b/../../a.txt", "C:a.txt"]
)
def test_path_outside_the_zip_is_rejected(path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("b.txt", "B")
        archive.writestr(zipfile.ZipInfo(path), "A")

    assert refusal(content.getvalue()).startswith("pages.zip contains a path outside itself: ")


def test_zip_bomb_is_rejected_with_limited_memory():
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.txt", "w") as entry,
    ):
        for _ in range(300):
            entry.write(b"0" * (1 << 20))
    tracemalloc.start()

    reason = refusal(content.getvalue())

    assert reason == "pages.zip: a.txt unpacks to more than 5 MB."
    assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()


def test_zip_bomb_with_a_false_size_is_rejected():
    content = bytearray(zipped({"a.txt": "0" * (6 << 20)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(signature) + offset
        content[at : at + 4] = struct.pack("<L", 10)

    assert "pages.zip" in refusal(bytes(content))


def test_too_much_content_in_total_is_rejected(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED_BYTES", 1000)

    assert refusal(zipped({"a.txt": "a" * 600, "b.txt": "b" * 600})) == (
        "pages.zip: b.txt unpacks to more than 0 MB."
    )


def test_too_many_pages_are_rejected(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_PAGES_PER_UPLOAD", 2)

    assert refusal(zipped({"a.txt": "a", "b.txt": "b", "c.txt": "c"})).startswith(
        "These are more than 2 pages"
    )


@pytest.mark.parametrize("cut", [30, 60, -1, -30])
def test_truncated_zip_is_rejected(cut):
    reason = refusal(zipped({"a.txt": "some words", "b.txt": "more words"})[:cut])

    assert reason.startswith("pages.zip is damaged or cut off")


def test_a_zip_with_a_damaged_page_is_refused():
    content = bytearray(zipped({"a.txt": "words " * 100}))
    content[45] ^= 0xFF

    assert refusal(bytes(content)).startswith("pages.zip is damaged or cut off")


def test_a_zip_with_a_password_is_refused():
    content = bytearray(zipped({"a.txt": "words"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert refusal(bytes(content)) == "pages.zip is protected by a password."


@pytest.mark.parametrize("place", ["entries", "size", "zip64"])
def test_a_table_of_contents_too_long_to_read_is_refused(place):
    content = bytearray(zipped({"a.txt": "words"}))
    end = content.index(b"PK\x05\x06")
    if place == "entries":
        content[end + 10 : end + 12] = struct.pack("<H", 60_000)
    elif place == "size":
        content[end + 12 : end + 16] = struct.pack("<L", 1 << 30)
    else:
        content[end:end] = b"PK\x06\x07" + bytes(16)

    assert refusal(bytes(content)) == "pages.zip holds more than 5,000 files."


def test_a_file_larger_than_a_page_is_refused():
    assert refusal(b"a" * (6 << 20), "a.txt") == "a.txt is larger than 5 MB."


def test_zip_within_a_zip_is_not_a_page():
    found = unpack_uploads(
        [("pages.zip", io.BytesIO(zipped({"inner.zip": zipped({"a.txt": "A"})})))]
    )

    assert (found.uploads, found.left_aside) == ([], ["inner.zip"])
