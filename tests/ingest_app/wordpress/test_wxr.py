"""The export as a stream: what is read, what is rejected, and how little memory it takes."""

import io
import tracemalloc
from collections import Counter
from datetime import UTC, datetime

import pytest

from ingest_app.wordpress import piece_scanner, wxr
from tests.ingest_app.wordpress.exports import (
    CLOSING,
    EXPORT,
    OPENING,
    comment,
    export,
    filed,
    item,
)


def read(content, offset=0, line=1):
    file = io.BytesIO(content)
    return list(wxr.read_export(file, wxr.read_export_head(file), offset, line))


def records(content):
    return [each.record for each in read(content)]


def numbers(content):
    """Return the IDs of items in order, and rejected ones as (line, reason)."""
    return [
        (record.line, record.reason) if isinstance(record, wxr.RefusedPiece) else record.number
        for record in records(content)
    ]


def line_of(content, text):
    """Return the number of the line on which `text` begins."""
    return content[: content.index(text)].count(b"\n") + 1


def refused(content):
    with pytest.raises(piece_scanner.NotAnExportError) as error:
        read(content)
    return str(error.value)


def test_real_export_is_read():
    found = records(EXPORT.read_bytes())

    kinds = Counter(getattr(each, "type", type(each).__name__) for each in found)
    assert kinds == {"attachment": 43, "WxrTerm": 23, "post": 14, "page": 14, "publication": 1}
    with EXPORT.open("rb") as file:
        assert wxr.read_export_head(file).url == "https://www.old-series.example/social"


def test_item_with_all_its_parts():
    content = item(
        7,
        "Text with ]]]]><![CDATA[> and <item>",
        title="Quays &amp; <em>tides</em>",
        post_password="x",
        inside=filed("post_tag", "a-b", "A &amp; B")
        + comment(3)
        + comment(4, approved="0", parent=3)
        + comment(5, kind="pingback")
        + "<wp:postmeta><wp:meta_key>_edit_last</wp:meta_key><wp:meta_value>1</wp:meta_value></wp:postmeta>"
        + "<wp:postmeta><wp:meta_key>place</wp:meta_key><wp:meta_value>Room 4</wp:meta_value></wp:postmeta>",
    )

    (found,) = records(export(content))

    assert (found.number, found.type, found.status) == (7, "post", "publish")
    assert found.title == "Quays & tides"
    assert found.content == "Text with ]]> and <item>"
    assert found.has_password
    assert found.published_at == datetime(2020, 5, 1, 9, 30, tzinfo=UTC)
    assert found.terms == [("post_tag", "a-b", "A & B")]
    assert found.meta == {"place": ["Room 4"]}
    assert [(each.number, each.is_approved, each.reply_to) for each in found.comments] == [
        (3, True, 0),
        (4, False, 3),
    ]


def test_reading_can_resume_at_any_offset():
    content = EXPORT.read_bytes()
    whole = read(content)

    for at in (0, 10, len(whole) - 2):
        rest = read(content, whole[at].offset, whole[at].line)
        assert rest == whole[at + 1 :]


def test_line_numbers_are_those_of_the_file():
    lines = EXPORT.read_text("utf-8").split("\n")

    for record in records(EXPORT.read_bytes()):
        if isinstance(record, wxr.WxrItem):
            assert lines[record.line - 1].strip() == "<item>"


@pytest.mark.parametrize("chunk", [17, 64, 1000])
def test_tokens_may_span_chunks(chunk, monkeypatch):
    content = EXPORT.read_bytes()
    whole = read(content)
    monkeypatch.setattr(piece_scanner, "READ_CHUNK_BYTES", chunk)

    assert read(content) == whole


def test_invalid_item_does_not_affect_others():
    content = export(
        item(1), item(2).replace("</title>", "</titel>"), item(3), item(4, "\x01control"), item(5)
    )

    found = records(content)

    assert [getattr(each, "number", None) for each in found] == [1, None, 3, 4, 5]
    assert found[1].line == line_of(content, b"</titel>")
    assert found[1].reason == "Not well-formed: Opening and ending tag mismatch: title and titel"
    assert (found[3].content, found[3].remarks) == (
        "control",
        ["Control characters were left out."],
    )


def test_item_without_an_end_tag_does_not_swallow_the_next():
    damaged = item(2)
    damaged = damaged[: damaged.index("SMA hosted")] + "\n"  # within CDATA

    assert [
        each if isinstance(each, int) else "refused"
        for each in numbers(export(item(1), damaged, item(3), item(4)))
    ] == [1, "refused", 3, 4]


def test_truncated_item_is_reported():
    content = export(item(1), item(2, title="Second"))
    cut = content[: content.index(b"Second") + 20]

    (first, (line, reason)) = numbers(cut)

    assert first == 1
    assert line == line_of(content, b"<item>\n\t\t<title><![CDATA[Second")
    assert reason == "The file is cut off in the middle of this."


def test_file_truncated_between_items_is_reported():
    content = (OPENING + item(1)).encode()

    assert numbers(content)[1][1] == "The file is cut off: its end is missing."


def test_item_in_another_encoding_is_rejected():
    content = export(item(1), item(2)).replace(b"A session", "Café".encode("latin-1"), 1)

    found = numbers(content)

    assert found == [
        (
            line_of(content, b"<title><![CDATA[Caf"),
            "The byte 0xe9 is not utf-8; save the export as UTF-8.",
        ),
        2,
    ]


def test_declared_encoding_is_used_for_exports():
    text = (OPENING + item(1, title="Café") + CLOSING).replace("UTF-8", "windows-1252")

    assert [each.title for each in records(text.encode("cp1252"))] == ["Café"]


def test_too_long_an_item_is_rejected_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(piece_scanner, "MAX_PIECE_BYTES", 300_000)
    monkeypatch.setattr(piece_scanner, "READ_CHUNK_BYTES", 50_000)

    found = numbers(export(item(1), item(2, "x" * 400_000), item(3)))

    assert (found[0], found[-1]) == (1, 3)
    assert "This is longer than 0 MB" in found[1][1]


BOMB = """<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
"""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-16 or not text"),
        ((OPENING + CLOSING).encode("utf-16"), "UTF-16"),
        (b"<html><body>No</body></html>", "not a WordPress export"),
        (b'<rss version="2.0"><channel></channel></rss>', "not a WordPress export"),
        (OPENING.replace("UTF-8", "utf-7").encode(), "is utf-7; save it as UTF-8"),
        (OPENING.replace("UTF-8", "klingon").encode(), "is klingon, which is unknown"),
        (BOMB.encode() + export(item(1, "&b;")), "document type or entities"),
        (
            export(item(1)).replace(
                b"<rss", b'<!DOCTYPE rss SYSTEM "file:///etc/passwd">\n<rss'
            ),
            "document type or entities",
        ),
        (export(item(1), '<!DOCTYPE x [<!ENTITY y "z">]>\n', item(2)), "Line 29: the file decl"),
    ],
)  # fmt: skip
def test_file_that_is_not_an_export_is_rejected(content, reason):
    assert reason in refused(content)


def test_entities_within_an_item_are_not_resolved():
    external = item(1, title="]]>&file;<![CDATA[")

    ((_line, reason),) = numbers(export(external))

    assert "Entity 'file' not defined" in reason


def test_memory_does_not_grow_with_the_file():
    class Endless(io.RawIOBase):
        """An export of 20 MB that is generated while it is read."""

        def __init__(self):
            self.block = item(1, "x" * 100_000).encode()
            self.length = len(OPENING) + 200 * len(self.block)
            self.at = 0

        def seek(self, at, whence=0):
            self.at = at
            return at

        def readable(self):
            return True

        def read(self, size=-1):
            start = self.at
            if start < len(OPENING):
                found = OPENING.encode()[start : start + size]
            elif start < self.length:
                offset = (start - len(OPENING)) % len(self.block)
                found = self.block[offset : offset + size]
            else:
                found = CLOSING.encode()[start - self.length :][:size]
            self.at += len(found)
            return found

    file = Endless()
    tracemalloc.start()

    count = sum(1 for _ in wxr.read_export(file, wxr.read_export_head(file)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 200
    assert most < 5 * 1024 * 1024


@pytest.mark.parametrize(
    ("declared", "content", "title"),
    [
        ("ISO-8859-1", "Café – “x”".encode(), "Café – “x”"),  # UTF-8, whatever it declares
        ("windows-1251", "Café’s".encode(), "Café’s"),
        ("UTF-8", b"Caf\xc3\xa9 \x93x\x94 \x96 it\x92s", "Café “x” – it’s"),  # stray bytes
        ("ISO-8859-1", b"Caf\xe9 \x93x\x94", "Café “x”"),  # as browsers read it
        ("UTF-8", b"it\xc2\x92s", "it’s"),
        ("UTF-8", b"plain", "plain"),
    ],
)
def test_encodings_are_decoded_correctly(declared, content, title):
    text = (OPENING + item(1, title="TITLE") + CLOSING).replace("UTF-8", declared, 1)

    (found,) = records(text.encode().replace(b"TITLE", content))

    assert found.title == title


@pytest.mark.parametrize("content", [b"Caf\xe9", b"\xcf\xee\xf0\xf2", b"x\x81"])
def test_ambiguous_bytes_are_rejected(content):
    text = (OPENING + item(1, title="TITLE") + CLOSING).encode().replace(b"TITLE", content)

    ((_line, reason),) = numbers(text)

    assert "is not utf-8" in reason


@pytest.mark.parametrize(
    ("value", "is_empty"),
    [
        ("[]", True),
        ("{}", True),
        ("a:0:{}", True),
        ('a:1:{i:0;s:0:"";}', True),
        ('a:2:{s:3:"one";a:0:{}s:3:"two";N;}', True),
        ('{"a": "", "b": [null]}', True),
        ("N;", True),
        ("<p>&nbsp;</p>", True),
        ("0", False),
        ("Room 4", False),
        ('a:1:{i:0;s:4:"Room";}', False),
        ('[{"content":"See page 4","id":"1"}]', False),
        ("[not json", False),
    ],
)
def test_empty_plugin_fields_are_ignored(value, is_empty):
    meta = (
        "<wp:postmeta><wp:meta_key>field</wp:meta_key>"
        f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )

    (found,) = records(export(item(1, inside=meta)))

    assert found.meta == ({} if is_empty else {"field": [value]})
