"""Posts from editors and page builders: the text is imported, the layout markup is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_app.wordpress.markup import PostReference, lines_as_html, read_post_content
from site_app.text.rich_text import sanitise


def lines(source):
    return [line.text for line in read_post_content(source).lines]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("One\ntwo\n\nthree", ["One", "two", "three"]),
        ("<p>One\ntwo</p>", ["One", "two"]),
        ("<!-- wp:paragraph --><p>One\ntwo</p><!-- /wp:paragraph -->", ["One two"]),
        ("a<br>b<br />c", ["a", "b", "c"]),
        ("[caption id='x' width=\"3\"]<img src='https://x.example/a.png'> A map[/caption]", ["A map"]),
        ("before [gallery ids=\"1,2\"] after", ["before", "after"]),
        ("[et_pb_section fb_built=\"1\"][et_pb_row][et_pb_text]<p>In</p>[/et_pb_text][/et_pb_row]", ["In"]),
        ("[et_pb_toggle title=\"A %22box%22\"]Body[/et_pb_toggle]", ['A "box"', "Body"]),
        ("[et_pb_code]&lt;p&gt;One&lt;/p&gt;<!-- [et_pb_line_break_holder] -->Two[/et_pb_code]", ["One", "Two"]),
        ("[et_pb_button button_text=\"Read\" button_url=\"https://x.example/\" /]", ["Read"]),
        ("[et_pb_team_member name=\"K. Lund\" position=\"Chair\"]Bio[/et_pb_team_member]", ["K. Lund", "Chair", "Bio"]),
        ("[vc_row][vc_column width=\"1/2\"][vc_column_text]In[/vc_column_text][/vc_column][/vc_row]", ["In"]),
        ("[contact-form-7 id=\"3\" title=\"Ask\"]Then", ["Then"]),
        ("[et_pb_contact_form title=\"Write\"][et_pb_contact_field field_title=\"Name\" /][/et_pb_contact_form]", []),
        ("[my_slider]inside[/my_slider]", ["inside"]),
        ("[unknown id=\"3\"]", []),
        ("[embed]https://video.example/1[/embed]", ["https://video.example/1"]),
        ("[audio mp3=\"https://x.example/a.mp3\"][/audio]", []),
        # Text that only looks like a shortcode stays.
        ("He [sic] said [1] it [...] so.", ["He [sic] said [1] it [...] so."]),
        ("Finch, C. [Coast Desk]; Lund [Section 2]", ["Finch, C. [Coast Desk]; Lund [Section 2]"]),
        ("[email protected]", ["[email protected]"]),
        ("<script>x()</script><style>p{}</style><form>Ask</form>Kept", ["Kept"]),
        ("<table><tr><td>a</td><td>b</td></tr></table>", ["a b"]),
        ("", []),
    ],
)  # fmt: skip
def test_markup_becomes_lines(source, expected):
    assert lines(source) == expected


def test_markup_of_lines_keeps_emphasis_and_links():
    content = read_post_content(
        '<strong>Bold\nover lines</strong> and <a href="https://x.example/?a=1&amp;b=2">a <i>link</i></a>'
        "<ul><li>One</li><li>Two &lt; three</li></ul><blockquote>Said</blockquote><h2>Head</h2>"
    )

    assert lines_as_html(content.lines) == (
        "<p><strong>Bold</strong></p>"
        '<p><strong>over lines</strong> and <a href="https://x.example/?a=1&amp;b=2">a <em>link</em></a></p>'
        "<ul><li>One</li><li>Two &lt; three</li></ul><blockquote><p>Said</p></blockquote><h3>Head</h3>"
    )
    assert content.hrefs == {"a link": "https://x.example/?a=1&b=2"}


def test_urls_hidden_by_page_builders_are_found():
    content = read_post_content(
        '[et_pb_image src="https://x.example/map.png" title_text="The harbour" /]'
        '[et_pb_blurb title="Terms" url="https://x.example/terms.pdf"]B[/et_pb_blurb]'
        '[audio mp3="https://x.example/a.mp3"][/audio]'
        '<video src="https://x.example/b.mp4"></video>[gallery ids="4, 5"]'
        '<iframe src="https://video.example/9" title="A film"></iframe>'
    )

    assert content.references == [
        PostReference("https://x.example/map.png", "The harbour", is_picture=True),
        PostReference("https://x.example/terms.pdf", "Terms"),
        PostReference("https://video.example/9", "A film"),
    ]
    assert content.sounds == ["https://x.example/a.mp3", "https://x.example/b.mp4"]
    assert content.gallery == [4, 5]


def test_missing_block_is_reported():
    content = read_post_content('<!-- wp:block {"ref":12} /--><!-- wp:paragraph --><p>x</p>')

    assert content.remarks == ["A reusable block (number 12) is not part of the export."]


@pytest.mark.parametrize(
    "source",
    ["<div>" * 100_000, "[a'" * 100_000, "[et_pb_x " * 100_000, "[" * 300_000, "<" * 300_000],
)
def test_unusual_sources_are_parsed_quickly(source):
    try:
        content = read_post_content(source)
    except ValueError as error:
        assert "nested too deeply" in str(error)
    else:
        assert content.remarks == []


def test_source_that_is_too_long_is_rejected():
    with pytest.raises(ValueError, match="more than 2,000,000 characters"):
        read_post_content("x" * 2_000_001)


@given(st.text(alphabet="[]/<>ab_='\"&;! -\n", max_size=60))
def test_any_source_gives_clean_markup(source):
    markup = sanitise(lines_as_html(read_post_content(source).lines))

    assert sanitise(markup) == markup
