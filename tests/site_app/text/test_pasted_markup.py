"""Markup from Word becomes the plain lists, rows and notes that it represents."""

import pytest

from ingest_app.pages.page_text import read_page_text
from sessions_app.admin.widgets import RichTextField


def item(text, marker, levels="l0 level1 lfo1"):
    return (
        f"<p class=MsoListParagraph style='text-indent:-18pt;mso-list:{levels}'><![if !supportLists]>"
        f"<span style='mso-list:Ignore'>{marker}<span style='font:7pt'>&nbsp;&nbsp; </span></span>"
        f"<![endif]>{text}</p>\n"
    )


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        (
            item("One", "1.") + item("Two", "2.") + item("Dot", "·", "l1 level1 lfo2"),
            "<ol><li>One</li><li>Two</li></ol><ul><li>Dot</li></ul>",
        ),
        (
            item("One", "1.") + item("Below", "o", "l0 level2 lfo1") + item("Two", "2."),
            "<ol><li>One<ul><li>Below</li></ul></li><li>Two</li></ol>",
        ),
        (
            item("One", "·") + "<p class=MsoNormal>Between</p>" + item("Two", "·"),
            "<ul><li>One</li></ul><p>Between</p><ul><li>Two</li></ul>",
        ),
        (
            "<table class=MsoTableGrid><tr><td><p>Date</p></td><td><p>4 May</p><p>2020</p></td></tr>"
            "<tr><td>Place</td><td>Harbour</td></tr></table>",
            "<p>Date | 4 May 2020</p><p>Place | Harbour</p>",
        ),
        (
            "<p>Said<a href='#_ftn1' name='_ftnref1'><span class=MsoFootnoteReference>[1]</span></a>.</p>"
            "<div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText>"
            "<a href='#_ftnref1' name='_ftn1'>[1]</a> In 2019.</p></div>",
            "<p>Said[1].</p><p>[1] In 2019.</p>",
        ),
        (
            "<p class=MsoNormal>In <st1:place w:st='on'>Oslo</st1:place><!--[if gte mso 9]><xml>x</xml>"
            "<![endif]--> the<o:p></o:p>&nbsp;co\u00adop&shy;erate <del cite='x'>not </del>"
            "<ins cite='x'>now</ins></p>",
            "<p>In Oslo the cooperate now</p>",
        ),
        ("<p>a&nbsp;b <a href='https://example.org/#x'>c</a></p>", None),
    ],
)
def test_pasted_markup_keeps_its_meaning(pasted, kept):
    cleaned = RichTextField(required=False).clean(pasted)

    told = " ".join(cleaned.replace("\n", " ").split()).replace("> <", "><")
    if kept is None:
        assert 'href="https://example.org/#x"' in told
    else:
        assert told.replace(" </", "</") == kept
        assert RichTextField(required=False).clean(cleaned) == cleaned


def test_word_document_is_read_row_by_row():
    page = read_page_text(
        "<html><body><p class=MsoTitle>Tides</p><table><tr><td><p>Speakers:</p></td><td><p>Lund, K. "
        "(Desk)</p></td></tr><tr><td><p>Date:</p></td><td><p>4 May 2020</p></td></tr></table>"
        + item("Dredge the ports", "1.")
        + "<p>So<del>me</del> it is<a href='#_ftn1'>[1]</a></p></body></html>"
    )

    assert page.lines == [
        "Tides",
        "Speakers: Lund, K. (Desk)",
        "Date: 4 May 2020",
        "Dredge the ports",
        "So it is[1]",
    ]
    assert page.items == {"Dredge the ports"}
