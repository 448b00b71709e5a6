from site_app.text.rich_text import paragraphs_of_plain_text, plain_text, sanitise


def test_sanitise_removes_script_style_and_handlers():
    dirty = (
        '<p class="MsoNormal" style="color:red" onclick="x()">Kept <b>word</b>'
        '<script>alert(1)</script> <a href="javascript:x()">link</a></p>'
    )

    assert (
        sanitise(dirty)
        == '<p>Kept <strong>word</strong> <a rel="noopener noreferrer">link</a></p>'
    )


def test_sanitise_twice_changes_nothing():
    once = sanitise('<ol start="2"><li>a &amp; b<li>c</ol><a href="https://example.org/">d</a>')

    assert sanitise(once) == once


def test_plain_text_has_one_line_per_block():
    assert plain_text("<p>One &amp; two<br>three</p><ul><li>four</li></ul>") == (
        "One & two\nthree\nfour"
    )


def test_paragraphs_escape_and_separate():
    assert paragraphs_of_plain_text("a < b\n\nc") == "<p>a &lt; b</p><p>c</p>"
