import pytest

from site_app.mail.html import html_of_plain_text
from site_app.mail.rendering import wrap_lines
from site_app.text.single_line import on_one_line

SITE = "https://archive.example"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\n\nTwo\nlines", "<p>One.</p>\n<p>Two<br>\nlines</p>"),
        (
            "- One\n  more\n- Two",
            "<ul><li>One<br>\nmore</li><li>Two</li></ul>",
        ),
        (
            "See https://archive.example/x/?a=1&b=2.",
            '<p>See <a href="https://archive.example/x/?a=1&amp;b=2">'
            "https://archive.example/x/?a=1&amp;b=2</a>.</p>",
        ),
        (
            "https://archive.example/requests/1-ab/",
            '<p><a class="button" href="https://archive.example/requests/1-ab/">Open the page</a></p>\n'
            '<p class="small">https://archive.example/requests/1-ab/</p>',
        ),
        ("--\nSmall", '<p class="small">Small</p>'),
        ("https://evil.example/", "<p>https://evil.example/</p>"),
        ("https://archive.example.evil/", "<p>https://archive.example.evil/</p>"),
        (
            '<img src=x onerror=alert(1)> & "Ada"',
            "<p>&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Ada&quot;</p>",
        ),
        (
            'https://archive.example/"onmouseover="alert(1)',
            '<p><a href="https://archive.example/">https://archive.example/</a>'
            "&quot;onmouseover=&quot;alert(1)</p>",
        ),
        ("", ""),
    ],
)
def test_text_becomes_html(text, html):
    assert html_of_plain_text(text, SITE) == html


def test_long_lines_are_wrapped_but_not_urls():
    address = SITE + "/" + "x" * 90 + "/"
    text = f"  {'word ' * 20}\n- {'word ' * 20}\n{address}"

    lines = wrap_lines(text).splitlines()

    assert max(len(line) for line in lines if address not in line) <= 76
    assert [line[:3] for line in lines] == ["wor", "wor", "- w", "  w", "htt"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Ada \r\n Reader ", "Ada Reader"),
        ("a\x00b\x07\x7fc", "abc"),
        ("a\x85b\u2028c\vd", "a b c d"),
        ("Ada\u202egro.live", "Adagro.live"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_single_line_contains_no_control_characters(text, line):
    assert on_one_line(text) == line
