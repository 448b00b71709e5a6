"""Rich text as blocks, from which other document formats are generated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_app.text.rich_blocks import TextRun, blocks_of_markup
from site_app.text.rich_text import plain_text, sanitise


def told(markup):
    return [
        (block.kind, block.depth, block.number, block.text) for block in blocks_of_markup(markup)
    ]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", []),
        ("<p> </p>", []),
        ("bare", [("p", 0, 0, "bare")]),
        ("<p>One\n two</p><h3>Three</h3>", [("p", 0, 0, "One two"), ("heading", 0, 0, "Three")]),
        (
            "<ul><li><p>One</p><p>More</p><ol start='3'><li>Three</li><li>Four</li></ol></li><li>Two</li></ul>",
            [
                ("bullet", 0, 0, "One"),
                ("p", 1, 0, "More"),
                ("number", 1, 3, "Three"),
                ("number", 1, 4, "Four"),
                ("bullet", 0, 0, "Two"),
            ],
        ),
        ("<blockquote><p>Said</p></blockquote><p>after</p>", [("quote", 0, 0, "Said"), ("p", 0, 0, "after")]),
    ],
)  # fmt: skip
def test_rich_text_becomes_blocks(markup, expected):
    assert told(markup) == expected


def test_runs_keep_emphasis_links_and_breaks():
    (block,) = blocks_of_markup(
        '<p>A <strong>b <em>c</em></strong><br><a href="https://x.example/?a&amp;b">d</a></p>'
    )

    assert block.runs == [
        TextRun("A "),
        TextRun("b ", is_bold=True),
        TextRun("c", is_bold=True, is_italic=True),
        TextRun("\n"),
        TextRun("d", url="https://x.example/?a&b"),
    ]


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<ul>", "<ol>", "<li>", "</li>", "</ul>", "</ol>", "<br>", "<h3>", "</h3>",
             "<blockquote>", "</blockquote>", "<em>", "</em>", "<a href='/x'>", "</a>", "word", "&lt;", " "]
        )
    ).map("".join)
)  # fmt: skip
def test_no_word_is_lost_whatever_the_markup(markup):
    assert "".join("".join(block.text.split()) for block in blocks_of_markup(markup)) == "".join(
        plain_text(sanitise(markup)).split()
    )
