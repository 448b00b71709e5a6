"""A source is shown with the origin of each field highlighted, and without its own markup."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_app.pages.page_parser import read_page_record
from ingest_app.pages.page_text import NotAPageError
from ingest_app.review.source_highlighting import (
    field_label,
    marked_lines,
    marked_page_html,
    words_of_fields,
)
from tests.ingest_app.incoming import HTML_PAGE, PAGE

MARK = re.compile(r"<mark[^>]*>(?:<span id=\"o-([\w-]+)\"></span>)*([^<]*)</mark>")


def marked(lines):
    return [
        (segment.fields, segment.text)
        for line in lines
        for segment in line.segments
        if segment.fields
    ]


def test_text_is_split_at_field_boundaries():
    lines = marked_lines(read_page_record(PAGE))

    assert (
        "\n".join("".join(each.text for each in line.segments) for line in lines) == PAGE.strip()
    )
    assert marked(lines)[:5] == [
        (("title",), "Tides of Trade"),
        (("published",), "May 2020"),
        (("speaker-0",), "Lund, K."),
        (("affiliation-0",), "Harbour Institute (HI)"),
        (("speaker-1",), "Greer, T."),
    ]
    assert [line.is_summary for line in lines].count(True) == 2


def test_shared_positions_name_both_fields():
    record = read_page_record("Tides\nSpeakers: Ng & Osei (Coast Desk)\nDate: 4 May 2020")

    assert (("affiliation-0", "affiliation-1"), "Coast Desk") in marked(marked_lines(record))


def test_text_below_the_comments_is_not_highlighted():
    record = read_page_record("Tides\nDate: 4 May 2020\nComments\nFirst!")

    assert [line.is_left_out for line in marked_lines(record)] == [False, False, True, True]


def test_html_keeps_its_structure_and_text_only():
    shown = marked_page_html(HTML_PAGE, read_page_record(HTML_PAGE))

    assert re.sub(r">\s+<", "><", re.sub(r"\s+", " ", shown)).strip() == (
        '<h1><mark class="origin of-title" title="Title"><span id="o-title"></span>Waves</mark></h1>'
        '<p>Speakers: <b><mark class="origin of-speaker" title="Speaker 1"><span id="o-speaker-0">'
        '</span>Haddad, L.</mark></b> (<mark class="origin of-affiliation" title="Affiliation 1">'
        '<span id="o-affiliation-0"></span>Coast Desk</mark>)</p><p>Date: <mark class="origin '
        'of-date" title="Date"><span id="o-date"></span>7 May 2020</mark></p><h3>Speaker Session '
        'Summary</h3><p>Water moves.</p><p><mark class="origin of-link" title="Link 1">'
        '<span id="o-link-0"></span>Download the paper</mark></p>'
    )


def test_source_text_is_escaped():
    source = "<h1>Tides &lt;script&gt;</h1><p>Date: 4 May 2020 &amp;c &lt;img src=x&gt;</p>"

    shown = marked_page_html(source, read_page_record(source))

    assert "<script" not in shown
    assert "<img" not in shown
    assert "Tides &lt;script&gt;" in shown


def test_plain_text_is_shown_without_a_frame():
    assert marked_page_html(PAGE, read_page_record(PAGE)) is None


def test_first_words_of_each_field_are_listed():
    words = words_of_fields(read_page_record(PAGE))

    assert (words["date"], words["speaker-1"], words["link-1"]) == (
        "4 May 2020",
        "Greer, T.",
        "Read the report at https://example.org/report",
    )
    assert "summary" not in words


@pytest.mark.parametrize(
    ("field", "name"),
    [("date", "Date"), ("speaker-0", "Speaker 1"), ("remains", "Not understood")],
)
def test_fields_have_names(field, name):
    assert field_label(field) == name


PIECES = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<br>",
            "<td>",
            "<!-- x -->",
            " ",
            "\n",
            "\u00a0",
            "\u200b",
            "Speakers: ",
            "Lund, K. ",
            "(Desk)",
            "Date: 4 May 2020",
            "<p>Date: 5 May 2020</p>",
            "Speaker Session Summary",
            "words",
            "She advised ports to 1) dredge and 2) wait",
            "&lt;i&gt;",
            "Download it",
            "<li>",
        ]
    ),
    max_size=25,
).map(lambda pieces: "<h1>Tides</h1><p>" + "".join(pieces))


@settings(max_examples=200)
@given(PIECES)
def test_highlights_in_html_contain_the_text_of_the_fields(source):
    try:
        record = read_page_record(source)
    except NotAPageError:
        return

    shown = marked_page_html(source, record)

    squeezed = "".join(unescape(words) for _, words in MARK.findall(shown)).replace(" ", "")
    expected = "".join(text for _, text in marked(marked_lines(record))).replace(" ", "")
    assert squeezed == expected
