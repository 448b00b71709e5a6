"""A web page saved as a single file is parsed as its HTML, or rejected."""

import io
from base64 import encodebytes

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_app.pages import mhtml
from ingest_app.pages.page_text import MAX_PAGE_BYTES, NotAPageError, read_page_text
from ingest_app.pages.uploads import RefusedUploadError, unpack_uploads
from sessions_app.models import Session
from tests.ingest_app.incoming import zipped

HEAD = (
    b"From: <Saved by Blink>\r\n"
    b"Snapshot-Content-Location: https://old.example/tides/\r\n"
    b"Subject: =?utf-8?Q?Tides?=\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--=_b"\r\n\r\n'
)
PICTURE = b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
QUOTED = b"<h1>Tides of Tra=\r\nde</h1><p>Caf=C3=A9 =E2=80=93 5=3D5</p>"


def part(body, encoding=b"quoted-printable", kind=b"text/html", more=b""):
    head = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n"
    return head + more + b"\r\n" + body


def single_file(*parts, head=HEAD):
    return head + b"".join(b"----=_b\r\n" + each + b"\r\n" for each in parts) + b"----=_b--\r\n"


def reason(content):
    with pytest.raises(NotAPageError) as refusal:
        read_page_text(content)
    return str(refusal.value)


@pytest.mark.parametrize(
    "page",
    [
        part(QUOTED),
        part(QUOTED, kind=b'text/html; charset="utf-8"'),
        part(encodebytes("<h1>Tides of Trade</h1><p>Café – 5=5".encode()), b"base64"),
        part("<h1>Tides of Trade</h1><p>Café – 5=5".encode(), b"8bit"),
        part(
            "<h1>Tides of Trade</h1><p>Café – 5=5".encode("cp1252"),
            b"binary",
            b"text/html; charset=windows-1252",
        ),
        part("<h1>Tides of Trade</h1><p>Café – 5=5".encode("utf-16"), b"binary"),
    ],
)
def test_page_is_read_in_every_encoding(page):
    found = read_page_text(single_file(PICTURE, page, part(b"<p>An advertisement in a frame")))

    assert found.lines == ["Tides of Trade", "Café – 5=5"]
    assert found.address == "https://old.example/tides/"


def test_bare_line_feeds_and_nested_parts_are_read():
    inner = b"Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n%s\r\n--c--" % part(
        QUOTED
    )

    assert read_page_text(single_file(inner).replace(b"\r\n", b"\n")).lines[0] == "Tides of Trade"


def test_url_of_the_part_takes_precedence():
    page = part(QUOTED, more=b"Content-Location: https://old.example/?p=1&x=2\r\n")
    local = part(QUOTED, more=b"Content-Location: cid:frame-1\r\n")

    assert read_page_text(single_file(page)).address == "https://old.example/?p=1&x=2"
    assert read_page_text(single_file(local)).address == ""


def deep(levels):
    content = part(QUOTED)
    for level in range(levels):
        name = b"x%d" % level
        content = (
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n%s\r\n--%s--\r\n"
            % (name, name, content, name)
        )
    return content


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (single_file(part(QUOTED))[:-20], "The file is cut off: its last part has no end."),
        (HEAD, "The file is cut off: its last part has no end."),
        (HEAD[:-2], "The file is damaged or cut off: the headers of a part have no end."),
        (single_file(PICTURE), "The file contains no HTML page."),
        (single_file(), "The file contains no HTML page."),
        (
            single_file(part(b"PGgx*", b"base64")),
            "The file is damaged: its page is no base64.",
        ),
        (
            single_file(part(b"PGgxP", b"base64")),
            "The file is damaged: its page is no base64.",
        ),
        (
            single_file(part(QUOTED, b"x-gzip")),
            "The page is packed as x-gzip, which cannot be read.",
        ),
        (
            single_file(part(b"Caf\xe9", b"binary", b"text/html; charset=utf-8")),
            "The file says that it is utf-8, and is not.",
        ),
        (
            single_file(part(QUOTED, kind=b"text/html; charset=x-none")),
            "The file says that it is x-none, and is not.",
        ),
        (
            single_file(part(QUOTED, kind=b"text/html; charset=punycode")),
            "The file says that it is punycode, and is not.",
        ),
        (
            single_file(part(QUOTED, kind=b"text/html; charset=zlib")),
            "The file says that it is zlib, and is not.",
        ),
        (
            single_file(part(QUOTED), head=HEAD.replace(b"boundary", b"bound")),
            "The file does not say where its parts begin.",
        ),
        (deep(4), "The file has parts within parts, as no browser writes them."),
        (single_file(*[PICTURE] * 2002), "The file has more than 2,000 parts."),
        (
            single_file(part(single_file(part(QUOTED)), b"binary")),
            "The file contains another saved page instead of HTML.",
        ),
        (
            single_file(part(b"a" * (MAX_PAGE_BYTES + 1), b"binary")),
            "The page in the file is larger than 5 MB.",
        ),
        (
            single_file(part(b"<!ENTITY a 'b'><p>c", b"binary")),
            "The file declares entities; a saved page does not.",
        ),
    ],
)
def test_damaged_and_malicious_files_are_rejected_with_the_reason(content, why):
    assert reason(content) == why


def test_a_file_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(mhtml, "MAX_MHTML_BYTES", 5 * 1024 * 1024)
    large = single_file(part(QUOTED), PICTURE + b"A" * 5 * 1024 * 1024)

    assert reason(large) == "The file is larger than 5 MB."
    with pytest.raises(RefusedUploadError, match=r"^tides\.mhtml is larger than 5 MB\.$"):
        unpack_uploads([("tides.mhtml", io.BytesIO(large))])


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [HEAD, PICTURE, part(QUOTED), b"----=_b\r\n", b"----=_b--", b"\r\n", b"\n",
             b"Content-Type: multipart/related; boundary*0=\"", b"MIME-Version: 1.0\r\n", b"\xff",
             b"Content-Type: text/html; charset*=x'y'%ff\r\n"]
        ),
        max_size=12,
    ).map(b"".join)
)  # fmt: skip
def test_any_content_is_parsed_or_rejected(content):
    try:
        assert read_page_text(HEAD + content).lines
    except NotAPageError as refusal:
        assert str(refusal)


def test_uploads_with_pictures_may_be_larger():
    large = single_file(part(QUOTED), PICTURE + b"A" * MAX_PAGE_BYTES)

    found = unpack_uploads(
        [("a.mhtml", io.BytesIO(large)), ("b.zip", io.BytesIO(zipped({"c/b.mht": large})))]
    )

    assert [each.name for each in found.uploads] == ["a.mhtml", "b.mht"]
    assert found.uploads[1].content == large


@pytest.mark.django_db
def test_single_file_gives_the_same_record_as_its_html(tmp_path):
    html = "<h1>Winds</h1><p>Date: 6 May 2020</p><p>Speakers: Greer, T. (Coast Desk)</p>"
    (tmp_path / "winds.mhtml").write_bytes(single_file(part(html.encode(), b"8bit")))

    call_command("import_pages", str(tmp_path), stdout=io.StringIO())

    session = Session.objects.get()
    assert (session.title, session.import_ref) == ("Winds", "page:winds")
    assert session.source_url == "https://old.example/tides/"
