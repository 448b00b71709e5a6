"""Invented pages of the old site, complete, unusual and damaged, and the records parsed from them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_app.pages.page_parser import SourceLink, read_page_record
from ingest_app.pages.page_text import NotAPageError

PAGE = """\
Tides of Trade

May 2020 No Comments

Tides of Trade

Speakers: Lund, K. (Harbour Institute); Greer, T. (Director, Coast Desk)

Date: 4 May 2020

Speaker Session Preview

SMA hosted a speaker session with Dr. Karin Lund as a part of its SMA Harbour Speaker Series.

She recommended that ports 1) dredge; and 2) wait.

Speaker Session Recording

To access the recording, please email Ms. Desk (desk@example.org).

Download Dr. Lund’s Biography

Comments

A reader wrote: Speakers: Nobody, N.
"""
HTML_PAGE = """\
<!DOCTYPE html><html><head><title>Old site</title></head><body><nav>Home</nav><article>
<h1>Tides of Trade</h1><p>May 2020 <a href="#c">No Comments</a></p><h2>Tides of Trade</h2>
<p><strong>Speakers:</strong> Lund, K. (Harbour Institute); Greer, T. (Director, Coast Desk)
<p><b>Date:</b>&nbsp;4&nbsp;May 2020</p>
<h3>Speaker Session Preview</h3>
<p>SMA hosted a speaker session with Dr. <em>Karin Lund</em> as a part of its SMA Harbour Speaker Series.</p>
<p>She recommended that ports 1) dredge; and 2) wait.</p>
<h3>Speaker Session Recording</h3>
<p>To access the recording, please email Ms. Desk (<a href="mailto:desk@example.org">desk@example.org</a>).</p>
<p><a href="/bio.pdf">Download Dr. Lund’s Biography</a>
<h3>Comments</h3><p>A reader wrote: Speakers: Nobody, N.</article></body>"""
WORD_HTML_PAGE = """\
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p {mso-x:y}</style></head><body>
<p class=MsoTitle>Tides of<span style='mso-spacerun:yes'>  </span>Trade<o:p></o:p></p>
<p class=MsoNormal>May 2020 No Comments<o:p></o:p></p>
<p class=MsoNormal>Tides of Trade</p>
<p class=MsoNormal><b>Speakers<span lang=EN-GB>:</span></b> Lund, K. (Harbour
Institute); Greer, T. (Director, Coast Desk)<o:p></o:p></p>
<p class=MsoNormal>Date: 4 May 2020</p>
<!--[if gte mso 9]><p>hidden</p><![endif]-->
<p class=MsoNormal>Speaker Session Preview</p>
<p class=MsoNormal>SMA hosted a speaker session with Dr. Karin Lund as a part of its SMA Harbour
Speaker Series.</p>
<p class=MsoListParagraph>She recommended that ports <![if !supportLists]>1)<![endif]> dredge; and 2) wait.
<p class=MsoNormal>Speaker Session Recording
<p class=MsoNormal>To access the recording, please email Ms. Desk (desk@example.org).
<p class=MsoNormal>Download Dr. Lund’s Biography"""


def page(*lines):
    """Return the record parsed from a page with this title and these lines."""
    return read_page_record("\n".join(["Tides of Trade", *lines]))


def names(record):
    return [(each.function, each.family, each.given_or_initial) for each in record.speakers]


@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        PAGE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + PAGE.encode(),
        PAGE.encode("utf-16"),
        PAGE.replace(" ", "\u00a0 "),
        PAGE.replace("\n\n", "\n"),
        HTML_PAGE,
        WORD_HTML_PAGE,
    ],
    ids=["text", "CRLF", "BOM", "UTF-16", "no-break spaces", "dense", "HTML", "Word"],
)
def test_page_gives_the_same_record_in_every_format(content):
    assert read_page_record(content).as_report("tides.txt") == {
        "file": "tides.txt",
        "title": "Tides of Trade",
        "published": "2020-05",
        "date": "2020-05-04",
        "date_end": None,
        "series": "Harbour",
        "speakers": [
            {
                "family": "Lund",
                "given_or_initial": "K.",
                "honorific": None,
                "suffix": None,
                "nickname": None,
                "affiliation": "Harbour Institute",
                "role": None,
                "function": "speaker",
                "text_name": "Dr. Karin Lund",
            },
            {
                "family": "Greer",
                "given_or_initial": "T.",
                "honorific": None,
                "suffix": None,
                "nickname": None,
                "affiliation": "Coast Desk",
                "role": "Director",
                "function": "speaker",
                "text_name": None,
            },
        ],
        "recommendations": ["dredge", "wait"],
        "recommendation_details": [
            {"text": "dredge", "audience": "ports", "made_by": ("Lund",)},
            {"text": "wait", "audience": "ports", "made_by": ("Lund",)},
        ],
        "contact_email": "desk@example.org",
        "links": [{"label": "Download Dr. Lund’s Biography", "url": None}],
        "remains": [],
        "remarks": [],
    }


def test_text_below_the_comments_is_ignored():
    record = page("Date: 4 May 2020", "2 Comments", "Speakers: Nobody, N.", "Download this")

    assert (record.speakers, record.links, record.remains) == ([], [], [])


def test_broken_html_is_parsed_as_far_as_possible():
    record = read_page_record(
        "<h1>Tides<p>Speakers: Lund, K. <b>(Harbour</i> Institute<p>Date: 4 May 2020<a"
    )

    assert record.title == "Tides"
    assert record.date == date(2020, 5, 4)
    assert [(each.family, each.affiliation) for each in record.speakers] == [
        ("Lund", "Harbour Institute")
    ]


@pytest.mark.parametrize(
    "content",
    [
        "Contact us\n\nWrite to desk@example.org.",
        "<h1>Privacy</h1><p>We keep nothing.</p>",
        "Just a title",
        "Invoice 17\nTotal: 3.50\nDownload the app",
    ],
)
def test_a_page_of_another_kind_is_refused(content):
    with pytest.raises(NotAPageError, match="this is not a session page"):
        read_page_record(content)


@pytest.mark.parametrize("content", [b"", b" \n", b"<html></html>", b"<p></p>", b"\x00\x01"])
def test_an_empty_file_is_refused(content):
    with pytest.raises(NotAPageError):
        read_page_record(content)


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("November 2019 No Comments", "2019-11"),
        ("November 2021 3 Comments", "2021-11"),
        ("November 2021 1 Comment", "2021-11"),
        ("Sept. 2020", "2020-09"),
    ],
)
def test_month_line_is_the_month_of_publication(line, published):
    record = page(line)

    assert (record.published, record.date) == (published, None)
    assert "The page has no date." in record.remarks


def test_invalid_month_is_left_over():
    assert page("Spring 2020", "Date: 4 May 2020").remains == ["Spring 2020"]


@pytest.mark.parametrize(
    ("lines", "first", "last"),
    [
        (["Date: November 15, 2019"], date(2019, 11, 15), None),
        (["Date of Event: 2019-11-15"], date(2019, 11, 15), None),
        (["Date of Event:", "15 November 2019"], date(2019, 11, 15), None),
        (["DATE(S): 18–19 January 2023"], date(2023, 1, 18), date(2023, 1, 19)),
        (["Date: 4 May 2020", "Date of the Event: May 4, 2020"], date(2020, 5, 4), None),
    ],
)
def test_day_of_the_session(lines, first, last):
    record = page(*lines)

    assert (record.date, record.date_end, record.remains) == (first, last, [])


@pytest.mark.parametrize(
    ("lines", "remain", "remark"),
    [
        (["Date: to be announced"], "Date: to be announced", "The date was not understood"),
        (["Date: 05/06/2020"], "Date: 05/06/2020", "The date can mean 5 June 2020 or 6 May 2020"),
        (["Date: 4 May 2020", "Date: 5 May 2020"], "Date: 5 May 2020", "The page has a second date"),
    ],
)  # fmt: skip
def test_doubtful_day_is_left_over_and_reported(lines, remain, remark):
    record = page(*lines)

    assert record.remains == [remain]
    assert any(each.startswith(remark) for each in record.remarks)


def test_missing_parts_are_reported():
    assert page("May 2020", "Date:", "Speakers:", "Speaker Session Summary").remarks == [
        "The page has no date.",
        "The page names no speakers.",
        "The page has no preview or summary.",
    ]


@pytest.mark.parametrize(
    ("lines", "remains"),
    [
        (["Associated SMA Project", "No items found."], []),
        (["Associated SMA Project: No items found."], []),
        (["Associated SMA Project", "Deep Water"], ["Associated SMA Project: Deep Water"]),
        (["Associated SMA Projects: Deep Water"], ["Associated SMA Projects: Deep Water"]),
        (["A stray line"], ["A stray line"]),
        (["Tides of Trade"], []),
    ],
)
def test_unrecognised_lines_are_left_over(lines, remains):
    assert page("Date: 4 May 2020", *lines).remains == remains


@pytest.mark.parametrize(
    ("lines", "people"),
    [
        (["Speaker: Karin Lund"], [("speaker", "Lund", "Karin")]),
        (["Speaker(s): Lund, Karin (CSS)"], [("speaker", "Lund", "Karin")]),
        (["SPEAKERS:", "Lund, K."], [("speaker", "Lund", "K.")]),
        (["Presenter: Lund, K."], [("speaker", "Lund", "K.")]),
        (
            ["Panelists: Lund, K. (A); Greer, T. (B)", "Moderator: Haddad, L. (C)"],
            [("panelist", "Lund", "K."), ("panelist", "Greer", "T."), ("moderator", "Haddad", "L.")],
        ),
        (
            ["Facilitator: Haddad, L.", "Speaker: Lund, K."],
            [("moderator", "Haddad", "L."), ("speaker", "Lund", "K.")],
        ),
        (
            ["Speaker: Lund, K.", "Speaker: Greer, T. (Coast Desk)"],
            [("speaker", "Lund", "K."), ("speaker", "Greer", "T.")],
        ),
        (
            ["Panelists: Lund, K. (A); Greer, T. (B)", "Discussant: Okafor, N."],
            [("panelist", "Lund", "K."), ("panelist", "Greer", "T."), ("panelist", "Okafor", "N.")],
        ),
        (
            ["Speakers: Lund, K.; Greer, T.", "Moderator: Lund, K."],
            [("speaker", "Lund", "K."), ("speaker", "Greer", "T.")],
        ),
    ],
)  # fmt: skip
def test_people_are_in_printed_order(lines, people):
    record = page(*lines, "Date: 4 May 2020")

    assert names(record) == people
    assert record.remains == []


@pytest.mark.parametrize("swap", [False, True])
def test_repeated_line_with_affiliations_is_used(swap):
    lines = [
        "Speaker(s): Karin Lund and Thomas Greer",
        "Speakers: Dr. Karin Lund (Harbour Institute), Thomas Greer (Coast Desk)",
    ]
    record = page(*(reversed(lines) if swap else lines))

    assert [(each.honorific, each.family, each.affiliation) for each in record.speakers] == [
        ("Dr.", "Lund", "Harbour Institute"),
        ("", "Greer", "Coast Desk"),
    ]
    assert record.remains == []


def test_repeated_line_with_another_name_is_left_over_and_reported():
    record = page("Speakers: Lund, K.; Okafor, N.", "Speakers: Lund, K. (A); Greer, T. (B)")

    assert [each.family for each in record.speakers] == ["Lund", "Greer"]
    assert record.remains == ["Speakers: Lund, K.; Okafor, N."]
    assert "A repeated line of speakers names others: Lund, K.; Okafor, N." in record.remarks


def test_text_that_is_not_a_name_is_left_over_and_reported():
    record = page("Speakers: (Harbour Institute)", "Date: 4 May 2020")

    assert record.speakers == []
    assert record.remains == ["Speakers: Harbour Institute"]
    assert "Not understood among the speakers: Harbour Institute" in record.remarks


@pytest.mark.parametrize(
    "sentence",
    [
        "SMA hosted a speaker session presented by Dr. Karin Lund (CSS) as a part of its Series.",
        "This was a session with Dr. Karin Lund (CSS), for its members.",
        "A talk was given by Dr. Karin Lund (CSS) on 4 May. Thomas Greer (CSS) listened on 5 May.",
    ],
)
def test_people_are_read_from_the_first_sentence(sentence):
    record = page("Speaker Session Summary", sentence, "It was presented by Nobody on 5 May.")

    assert names(record) == [("speaker", "Lund", "Karin")]
    assert "The speakers were taken from the first sentence." in record.remarks


@pytest.mark.parametrize(
    ("line", "text", "text_name"),
    [
        ("Lund, K.", "Then Dr. Karin Lund spoke.", "Dr. Karin Lund"),
        ("Lund, K.", "We heard Karin Lund.", "Karin Lund"),
        ("Lund, K.", "Then Dr. Lund spoke.", "Dr. Lund"),
        ("Dr. Karin Lund", "Then Dr. Karin Lund spoke.", None),
        ("Lund, K.", "Then Thomas Lund spoke, and Karin Lund left.", "Karin Lund"),
        ("Lund, K.", "Lund spoke of Lundy.", None),
        ("Lund, K.", "", None),
    ],
)
def test_fuller_name_in_the_text_is_used(line, text, text_name):
    record = page(f"Speakers: {line}", "Speaker Session Summary", text)

    assert record.text_names == [text_name]


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("as a part of its SMA Harbour Speaker Series.", "Harbour"),
        ("as part of its “Deep Water” Speaker Series", "Deep Water"),
        ("for its Strategic Tides (ST) Speaker Series.", "Strategic Tides (ST)"),
        ("The port keeps its tide. Later came its SMA General Speaker Series.", "General"),
        ("as part of its Speaker Series.", None),
        ("as part of its SMA Speaker Series.", None),
        ("as part of a Speaker Series.", None),
        ("It lost its way. The Harbour Speaker Series went on.", None),
    ],
)
def test_series_is_the_text_before_speaker_series(text, series):
    assert page("Speaker Session Summary", text).series == series


@pytest.mark.parametrize(
    ("lines", "email", "remains"),
    [
        (["To access it, email a@example.org."], "a@example.org", []),
        (["Please contact Ms. Desk (desk.one+sma@mail.example.org)."], "desk.one+sma@mail.example.org", []),
        (["Contact [email protected] for access."], None, []),
        (["Contact the desk."], None, []),
        (["Bring your own chair."], None, ["Bring your own chair."]),
        (["Email a@example.org or b@example.org."], "a@example.org", ["Email a@example.org or b@example.org."]),
        ([], None, []),
    ],
)  # fmt: skip
def test_contact_for_the_recording_is_read(lines, email, remains):
    record = page("Date: 4 May 2020", "Speaker Session Audio Recording", *lines)

    assert (record.has_recording, record.contact_email) == (True, email)
    assert record.remains == remains


def test_address_in_the_summary_is_not_a_contact():
    record = page("Speaker Session Summary", "Write to author@example.org to access her book.")

    assert (record.has_recording, record.contact_email) == (False, None)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "See [the Tide Tables](https://example.org/a), now",
            [SourceLink("the Tide Tables", "https://example.org/a")],
        ),
        ("See <https://example.org/a>.", [SourceLink("See", "https://example.org/a")]),
        ("See https://example.org/a.", [SourceLink("See", "https://example.org/a")]),
        ("It is out. Read it at (https://example.org/a).", [SourceLink("Read it at", "https://example.org/a")]),
        ("At https://example.org/a_(b), now", [SourceLink("At", "https://example.org/a_(b)")]),
        ("At https://example.org/a?b=c&d#e; no", [SourceLink("At", "https://example.org/a?b=c&d#e")]),
        (
            "The report is at https://example.org/a, and the data at https://example.org/b!",
            [SourceLink("The report is at", "https://example.org/a"), SourceLink("the data at", "https://example.org/b")],
        ),
        (
            "Both: https://example.org/a and https://example.org/b",
            [SourceLink("Both", "https://example.org/a"), SourceLink("", "https://example.org/b")],
        ),
        ("Write ftp://example.org or www.example.org", []),
    ],
)  # fmt: skip
def test_urls_in_sentences_are_links(text, links):
    assert page("Speaker Session Summary", text).links == links


def test_text_after_the_downloads_is_left_over():
    record = page(
        "Speaker Session Summary",
        "Read https://example.org/a.",
        "Download the slides",
        "Downloads of the paper",
        "Also at https://example.org/b",
        "The end",
    )

    assert record.links == [
        SourceLink("Download the slides"),
        SourceLink("Downloads of the paper"),
        SourceLink("Read", "https://example.org/a"),
        SourceLink("Also at", "https://example.org/b"),
    ]
    assert record.remains == ["The end"]


def test_html_links_keep_their_urls():
    record = read_page_record(
        "<h1>Tides</h1><p><a href='https://example.org/elsewhere'>Archive</a><p>Speaker Session Summary"
        "<p>The <a href='https://example.org/r'>report</a> is at <a href='https://example.org/s'>"
        "https://example.org/s</a>.<p><a href='https://example.org/bio.pdf'>Download biography</a>"
    )

    assert record.links == [
        SourceLink("Download biography", "https://example.org/bio.pdf"),
        SourceLink("The report is at", "https://example.org/s"),
        SourceLink("report", "https://example.org/r"),
    ]


@pytest.mark.parametrize("long", ["a" * 300_000, "a." * 150_000, "with a " * 10_000])
def test_a_line_of_any_length_is_read(long):
    record = page("Speaker Session Summary", long, "Speaker Session Recording", long)

    assert record.paragraphs == record.remains == [long.strip()]


def test_items_of_a_list_below_a_heading_are_recommendations():
    record = read_page_record(
        "<h1>Tides</h1><p>Speaker Session Summary</p><p>There are tides:<ul><li>Ebb<li>Flow</ul>"
        "<h3>Recommendations</h3><ol><li><p>Dredge.</p></li><li>Ask <b>pilots</b></li></ol><p>It ended."
    )

    assert [advice.text for advice in record.recommendations] == ["Dredge", "Ask pilots"]
    assert record.paragraphs == [
        "There are tides:",
        "Ebb",
        "Flow",
        "Recommendations",
        "Dredge.",
        "Ask pilots",
        "It ended.",
    ]


LINES = st.sampled_from(
    [
        "Speakers:",
        "Speakers: Lund, K. (A",
        "Moderator: & ;, (",
        "Panelists:",
        "Date:",
        "Date: 4 May 2020",
        "Date of Event: x",
        "Associated SMA Project",
        "No items found.",
        "May 2020 3 Comments",
        "Speaker Session Summary",
        "presented by  as a part of its",
        "its  Speaker Series",
        "Download",
        "Speaker Session Recording",
        "a@b.c d@e.f access",
        "https://",
        "see https://.)",
        "Recommendations:",
        "1) recommend 2)",
        "<br>",
        "</p><a href=https://x>Download",
        "Title",
        "\u200b",
        ". . .",
    ]
)


@settings(max_examples=200)
@given(st.lists(LINES | st.text(max_size=30), max_size=14).map("\n".join) | st.binary(max_size=80))
def test_any_content_gives_a_record_or_an_error(content):
    try:
        record = read_page_record(content)
    except NotAPageError as refusal:
        assert str(refusal)
    else:
        assert record.title
        assert len(record.text_names) == len(record.speakers)
        assert all(speaker.family for speaker in record.speakers)
        assert all(link.label or link.url for link in record.links)


@settings(max_examples=100)
@given(
    st.lists(
        st.text(st.characters(categories=["L"]), min_size=8).map("word {} word".format),
        max_size=8,
        unique=True,
    ),
    st.lists(st.integers(0, 8), max_size=4),
)
def test_no_line_is_lost(lines, places):
    labels = [
        "Speaker Session Summary",
        "Speaker Session Recording",
        "Download x",
        "Associated SMA Project",
    ]
    mixed = list(lines)
    for place, label in zip(places, labels, strict=False):
        mixed.insert(place, label)

    record = page("Date: 4 May 2020", *mixed)

    kept = "\n".join([*record.paragraphs, *record.remains, *(link.label for link in record.links)])
    assert [line for line in lines if " ".join(line.split()) not in kept] == []


def places(record):
    return [
        (each.field, record.lines[each.line][each.start : each.end]) for each in record.origins
    ]


@pytest.mark.parametrize("content", [PAGE, HTML_PAGE], ids=["text", "HTML"])
def test_each_field_has_its_source_position(content):
    summary = [
        "SMA hosted a speaker session with Dr. Karin Lund as a part of its SMA Harbour Speaker Series.",
        "She recommended that ports 1) dredge; and 2) wait.",
    ]

    assert sorted(places(read_page_record(content))) == sorted(
        [
            ("title", "Tides of Trade"),
            ("published", "May 2020"),
            ("date", "4 May 2020"),
            ("speaker-0", "Lund, K."),
            ("affiliation-0", "Harbour Institute"),
            ("speaker-1", "Greer, T."),
            ("affiliation-1", "Director, Coast Desk"),
            *(("summary", line) for line in summary),
            ("series", "Harbour"),
            ("recommendation-0", "dredge"),
            ("recommendation-1", "wait"),
            ("recording", "Speaker Session Recording"),
            ("contact", "desk@example.org"),
            ("link-0", "Download Dr. Lund’s Biography"),
        ]
    )


def test_leftovers_have_a_source_position():
    record = page(
        "A stray line",
        "Speakers: Lund, K. (Desk), 42 (Desk)",
        "Date: soon",
        "Associated SMA Project",
        "Harbours",
        "Speaker Session Summary",
        "Words.",
        "Speaker Session Recording",
        "Ask at the door.",
        "Download it",
        "Behind",
    )

    found = [text for field, text in places(record) if field == "remains"]
    assert found == ["soon", "Ask at the door.", "Behind", "A stray line", "Harbours"]


def test_shared_affiliation_has_one_source_position():
    record = page(
        "Speakers: Dr. Lund (A) & B. Greer (B); Ng & Osei (Coast [C])", "Date: 4 May 2020"
    )

    assert places(record)[2:] == [
        ("speaker-0", "Dr. Lund"),
        ("affiliation-0", "A"),
        ("speaker-1", "B. Greer"),
        ("affiliation-1", "B"),
        ("speaker-2", "Ng"),
        ("affiliation-2", "Coast [C]"),
        ("speaker-3", "Osei"),
        ("affiliation-3", "Coast [C]"),
    ]


def test_speakers_in_the_first_sentence_have_a_source_position():
    record = page(
        "Speaker Session Summary",
        "SMA hosted a session presented by Karin Lund (Desk) as part of its work.",
    )

    assert ("speaker-0", "Karin Lund") in places(record)
    assert ("affiliation-0", "Desk") in places(record)


def test_html_list_items_have_a_source_position():
    record = read_page_record(
        "<h1>Tides</h1><p>Speaker Session Summary</p><h3>Recommendations</h3><ol><li>Dredge.</li>"
        "<li>Ask pilots</li></ol>"
    )

    assert places(record)[-2:] == [
        ("recommendation-0", "Dredge"),
        ("recommendation-1", "Ask pilots"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "Speakers: " + "; ".join(f"N{n}, K. (A)" for n in range(101)),
            "The page names more than 100 people.",
        ),
        ("Speakers: " + "Lund, K.; " * 3000, "A line of speakers is too long to be one."),
    ],
)
def test_too_many_people_are_rejected(line, reason):
    with pytest.raises(NotAPageError, match=reason):
        page(line)


def test_documents_are_named_by_link_text_or_by_type_and_host():
    record = page(
        "Speaker Session Preview",
        "Their report can be found at https://www.example.org/r. See also Tide Tables 2020:"
        " https://tides.example.org/t",
    )

    assert [link.title for link in record.links] == [
        "Report, example.org",
        "See also Tide Tables 2020",
    ]


def test_contradictory_weekday_is_a_doubt():
    record = read_page_record(PAGE.replace("Date: 4 May 2020", "Date: Friday, 4 May 2020"))

    said = "The weekday does not fit the date: 4 May 2020 is a Monday; the nearest Friday is 1 May 2020."
    assert (record.date, record.remains) == (date(2020, 5, 4), [])
    assert (record.remarks, record.guesses) == ([said], [said])
