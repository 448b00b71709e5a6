"""Saved files become lines of text, in whatever format they were saved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_app.pages.page_text import MAX_PAGE_BYTES, NotAPageError, read_page_text

WORD_PAGE = """<html xmlns:o="urn:schemas-microsoft-com:office:office">
<head><meta charset="windows-1252"><title>Tides</title><style>p.MsoNormal {margin:0}</style></head>
<body lang=EN-US>
<!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]-->
<p class=MsoNormal><b><span style='font-size:16.0pt'>Tides of
Trade</span></b><o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph><![if !supportLists]>1)<span>&nbsp;&nbsp; </span><![endif]>Count the ships</p>
</body></html>
"""


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"Title\n\n  Two   words \n", ["Title", "Two words"]),
        (b"\xef\xbb\xbfTitle\r\nLine\r\n", ["Title", "Line"]),
        ("Title\nLine".encode("utf-16"), ["Title", "Line"]),
        ("No\u00a0break, \u200bzero\ufeff width", ["No break, zero width"]),
        ("Five < six and a <b> alone", ["Five < six and a <b> alone"]),
    ],
)
def test_plain_text_becomes_folded_lines(content, lines):
    page = read_page_text(content)

    assert (page.lines, page.hrefs, page.remarks) == (lines, {}, [])


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("<p>One</p><p>Two<br>Three</p>", ["One", "Two", "Three"]),
        ("<div>Two\n lines <em>of</em> one<span>!</span></div>", ["Two lines of one!"]),
        ("<ul><li>a<li>b</ul>", ["a", "b"]),
        ("<p>Tea &amp; caf&eacute; &#8212; 5&nbsp;&lt;&nbsp;6</p>", ["Tea & café — 5 < 6"]),
        ("<table><tr><th>Date:<td>1 May<tr><td>Room 4</table>", ["Date: 1 May", "Room 4"]),
        (
            "<h1>Never <b>closed<p>and <i>crossed</b> over</i>",
            ["Never closed", "and crossed over"],
        ),
        ("<p>Less < more", ["Less < more"]),
        ("<P>CAPITALS</P>", ["CAPITALS"]),
        ("<?xml version='1.0' encoding='latin-1'?><html><p>é</p></html>", ["é"]),
        (WORD_PAGE, ["Tides of Trade", "1) Count the ships"]),
    ],
)
def test_each_html_block_becomes_a_line(content, lines):
    assert read_page_text(content).lines == lines


def test_non_text_elements_are_dropped():
    page = read_page_text(
        "<head><title>tab</title></head><nav>Home</nav><form>Search</form><script>x()</script>"
        "<style>p{}</style><noscript>no</noscript><!-- note --><p>Title</p>"
    )

    assert page.lines == ["Title"]


def test_only_the_article_is_read_if_there_is_one():
    page = read_page_text("<header>Site</header><article><p>Title</p></article><footer>©</footer>")

    assert page.lines == ["Title"]


def test_link_urls_are_stored_by_link_text():
    page = read_page_text(
        "<p><a href='https://example.org/a'>The\n  report</a> <a href='https://example.org/b'>The report"
        "</a> <a href='/c'>Here</a> <a href='javascript:x()'>There</a> <a>Nowhere</a>"
        "<a href=' mailto:desk@example.org '>Desk</a></p>"
    )

    assert page.hrefs == {
        "The report": "https://example.org/a",
        "Desk": "mailto:desk@example.org",
    }


def test_legacy_encoding_is_read_and_reported():
    page = read_page_text("Café – “Title”".encode("cp1252"))

    assert page.lines == ["Café – “Title”"]
    assert page.remarks == ["The file is not UTF-8; it was read as Windows-1252."]


def test_legacy_encoding_of_html_is_reported():
    page = read_page_text("<p>Café</p>".encode("cp1252"))

    assert page.lines == ["Café"]
    assert page.remarks == ["The file is not UTF-8; it was read as Windows-1252."]


def test_declared_encoding_is_used():
    page = read_page_text('<meta charset="koi8-r"><p>Мир</p>'.encode("koi8-r"))

    assert page.lines == ["Мир"]
    assert page.remarks == ["The file was read as koi8-r, as it says."]


@pytest.mark.parametrize(
    "head",
    [
        "<!-- saved from url=(0025)https://old.example/a?b=1 -->",
        "<link rel='canonical' href='https://old.example/a?b=1'>",
    ],
)
def test_original_url_is_read(head):
    page = read_page_text(f"<html>{head}<p>Title</p></html>")

    assert page.address == "https://old.example/a?b=1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (
            "Сессия о мире и торговле".encode("koi8-r"),
            "The encoding of the file is unknown: save it as UTF-8.",
        ),
        (
            "海の貿易と平和についての会議".encode("shift_jis"),
            "The encoding of the file is unknown: save it as UTF-8.",
        ),
        (
            b"<meta charset=utf-16le><p>A caff\xe9</p>",
            "The file says that it is utf-16le, and is not.",
        ),
        (b"<meta charset=x-none><p>Caf\xe9</p>", "The file says that it is x-none, and is not."),
        ("Title – ".encode()[:-2], "The file is cut off in the middle of a character."),
        ("Title".encode("utf-16")[:-1], "The file is UTF-16, but damaged or cut off."),
        (b"<p>Cut off in a <a href='https://exam", "The file is cut off in the middle of a tag."),
        (b"<p>Cut off in a note <!-- here", "The file is cut off in the middle of a tag."),
        (b"<div>" * 100_000 + b"Deep", "The HTML is nested too deeply to be a page."),
        (b"PK\x03\x04 zipped", "The file is not text: it contains control characters."),
        (
            b'<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><p>&b;</p>',
            "The file declares entities; a saved page does not.",
        ),
        (
            b'<?xml version="1.0"?><!DOCTYPE x [<!entity e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
            "The file declares entities; a saved page does not.",
        ),
        (
            b"word " * 250_000,
            "The page holds more than 700,000 characters of text, too many for a session page.",
        ),
        (b" \r\n\t", "The file is empty."),
        ("\u200b\ufeff", "The file contains no text."),
        (b"<html><body></body></html>", "The file contains no text."),
        (b"<p>&nbsp;</p><br>", "The file contains no text."),
        (b"<!-- nothing --><script>x()</script><br>", "The file contains no text."),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            "The file is not text: it contains NUL characters.",
        ),
        (b"Title\x00", "The file is not text: it contains NUL characters."),
        (b"a" * (MAX_PAGE_BYTES + 1), "The file is larger than 5 MB."),
    ],
)
def test_content_that_is_not_a_text_page_is_rejected(content, reason):
    with pytest.raises(NotAPageError) as refusal:
        read_page_text(content)

    assert str(refusal.value) == reason


MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<div",
            ">",
            "<a href='",
            "https://x.example/",
            "'",
            "<!--",
            "-->",
            "<![",
            "&#0;",
            "&amp",
            "<article>",
            "<svg>",
            "</body>",
            "<?php",
            "<o:p>",
            "words",
            "\n",
            "\u00a0",
            "\ud800",
            "é",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=150)
@given(st.binary(max_size=60) | st.text(max_size=60) | MARKUP)
def test_any_content_gives_folded_lines_or_an_error(content):
    try:
        lines = read_page_text(content).lines
    except NotAPageError as refusal:
        assert str(refusal)
    else:
        assert lines
        assert all(line and line == " ".join(line.split()) for line in lines)
