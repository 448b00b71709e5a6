"""One line of a talks file: the parsed record, the remarks, and the fields that cannot be used."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest_app.talks.talk_reader import Talk, TalkAdvice, TalkSpeaker, heading_key, read_talk

WRITE_DAYS_SO = "Write it as 2019-05-31 or 31 May 2019."


def talk(**fields):
    return read_talk(json.dumps({"id": "coast/tides", "title": "Tides", **fields}))


def test_every_field_is_read():
    found = talk(
        title="  Tides \u00a0 of\nTrade ",
        date="2024-03-14",
        series="Coast Days  2024",
        topics=["Sea", "Tides"],
        regions=["North Sea"],
        speakers=["Karin Lund"],
        recommendations=["Dredge."],
        summary=" Water comes.\n\nAnd goes. ",
        language="nor",
        source_url="https://example.org/tides",
        slug="tides-of-trade",
    )

    assert found == Talk(
        id="coast/tides",
        title="Tides of Trade",
        held_on=date(2024, 3, 14),
        series="Coast Days 2024",
        topics=("Sea", "Tides"),
        regions=("North Sea",),
        speakers=(TalkSpeaker("Karin Lund"),),
        recommendations=(TalkAdvice("Dredge."),),
        summary="Water comes.\n\nAnd goes.",
        language="no",
        source_url="https://example.org/tides",
        slug="tides-of-trade",
    )
    assert found.remarks == ()
    assert found.import_ref == "talks:coast/tides"


@pytest.mark.parametrize(
    "empty", [{}, dict.fromkeys(("date", "series", "topics", "speakers", "language", "slug"))]
)
def test_only_id_and_title_are_needed(empty):
    assert talk(**empty) == Talk(id="coast/tides", title="Tides")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON: "),
        ('{"id": "a", "title": "T",}', "not JSON: "),
        ("[1, 2]", "not a JSON object"),
        ('"id"', "not a JSON object"),
        ('{"id": ' + "[" * 100_000, "not JSON that can be read: nested too deeply"),
        ('{"title": "T"}', "id: missing"),
        ('{"id": "", "title": "T"}', "id: missing"),
        ('{"id": true, "title": "T"}', "id: write a text or a whole number, not true"),
        ('{"id": 7.0, "title": "T"}', "id: write a text or a whole number, not 7.0"),
        ('{"id": NaN, "title": "T"}', "id: write a text or a whole number, not NaN"),
        ('{"id": null, "title": "T"}', "id: missing"),
        ('{"id": [7], "title": "T"}', "id: write a text or a whole number, not [7]"),
        ('{"id": "a"}', "title: missing"),
        ('{"id": "a", "title": " \\u00a0 "}', "title: missing"),
        ('{"id": "a", "title": ["T"]}', 'title: write a text or a whole number, not ["T"]'),
    ],
)
def test_line_that_is_not_a_talk_is_rejected(line, reason):
    with pytest.raises(ValueError) as refusal:
        read_talk(line)

    assert str(refusal.value).startswith(reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "x" * 241}, "id: longer than 240 characters"),
        ({"title": "x" * 501}, "title: longer than 500 characters"),
        ({"series": "x" * 201}, "series: longer than 200 characters"),
        ({"topics": ["x" * 201]}, "topics: longer than 200 characters"),
        ({"speakers": ["x" * 301]}, "speakers: a name is longer than 300 characters"),
        ({"date": "14 March"}, "date: “14 March” is not a date. " + WRITE_DAYS_SO),
        (
            {"date": "04/03/2024"},
            "date: “04/03/2024” can mean 4 March 2024 or 3 April 2024. "
            "Write 2024-03-04 or 2024-04-03.",
        ),
        ({"date": "2024-02-30"}, "date: “2024-02-30” is not a date: February 2024 has 29 days."),
        ({"date": ""}, "date: “” is not a date. " + WRITE_DAYS_SO),
        ({"date": "\ud800"}, "date: “?” is not a date. " + WRITE_DAYS_SO),
        ({"date": 2024}, "date: “2024” is not one day. Write the day as well: 2019-05-31 or 31 May 2019."),
        ({"date": {"year": 2024}}, 'date: write a text or a whole number, not {"year": 2024}'),
        ({"topics": "Sea; Land"}, "topics: write a list of texts; this one text may name several"),
        ({"topics": [["Sea"]]}, 'topics: write a text or a whole number, not ["Sea"]'),
        ({"regions": [0.5]}, "regions: write a text or a whole number, not 0.5"),
        ({"series": False}, "series: write a text or a whole number, not false"),
        ({"speakers": "Lund, Karin"}, "speakers: write a list of texts; this one text may name several"),
        ({"speakers": [7]}, "speakers: write a name, not 7"),
        ({"speakers": [{"name": 7}]}, "speakers: write a name, not 7"),
        ({"recommendations": [{"audience": "Ports"}]}, "recommendations: one of them has no text"),
        ({"recommendations": [" "]}, "recommendations: one of them has no text"),
        ({"recommendations": [True]}, "recommendations: write a text or a whole number, not true"),
        ({"summary": ["Tides"]}, 'summary: write a text or a whole number, not ["Tides"]'),
        ({"slug": "No Address"}, "slug: “No Address” cannot be part of an address"),
        ({"slug": "-a"}, "slug: “-a” cannot be part of an address"),
        ({"slug": "x" * 101}, f"slug: “{'x' * 50}” cannot be part of an address"),
    ],
)  # fmt: skip
def test_unusable_field_is_reported(fields, reason):
    with pytest.raises(ValueError) as refusal:
        talk(**fields)

    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"id": 17}, {"id": "17"}),
        ({"id": 0}, {"id": "0"}),
        ({"title": 1984}, {"title": "1984"}),
        ({"series": 2019, "topics": [2020, None]}, {"series": "2019", "topics": ("2020",)}),
        ({"topics": "Sea", "regions": None}, {"topics": ("Sea",)}),
        ({"topics": [{"slug": "sea", "name": "Sea"}], "series": {"name": "Tides"}}, {"topics": ("Sea",), "series": "Tides"}),
        ({"speakers": "Karin Lund"}, {"speakers": (TalkSpeaker("Karin Lund"),)}),
        ({"speakers": {"name": "Karin Lund", "affiliation": {"name": "Coast Desk"}}}, {"speakers": (TalkSpeaker("Karin Lund", "Coast Desk"),)}),
        ({"recommendations": "Dredge, then wait."}, {"recommendations": (TalkAdvice("Dredge, then wait."),)}),
    ],
)  # fmt: skip
def test_values_are_accepted_as_programs_write_them(written, read):
    assert talk(**written) == replace(Talk(id="coast/tides", title="Tides"), **read)


def test_data_of_a_part_without_a_field_is_stored_on_the_record():
    result = talk(
        year=2019,
        speakers=[{"name": "Karin Lund", "organisation": "Coast Desk"}],
        recommendations=[{"text": "Dredge.", "page": 4}],
    )

    assert result.remains == (
        "year: 2019",
        "Karin Lund: organisation: Coast Desk",
        "recommendation: page: 4",
    )


@pytest.mark.parametrize(
    ("speakers", "found", "remarks"),
    [
        (["Karin Lund", "Thomas Greer"], ["Karin Lund", "Thomas Greer"], ()),
        (["Karin  Lund ", "Ｋａｒｉｎ\u00a0Lund"], ["Karin Lund"], ()),
        (["Jose\u0301 Ibarra", "José Ibarra"], ["José Ibarra"], ()),
        (["karin lund", "Karin Lund"], ["karin lund", "Karin Lund"], ()),
        (["Various speakers"], [], ("“Various speakers” names nobody",)),
        (
            ["VARIOUS  Speakers", "Karin Lund"],
            ["Karin Lund"],
            ("“VARIOUS Speakers” names nobody",),
        ),
        (["", {"affiliation": "Coast Desk"}], [], ("a speaker without a name was left out",) * 2),
        (
            ["Karin Lund", {"name": "Karin Lund", "role": "Pilot"}],
            ["Karin Lund"],
            ("“Karin Lund” is named twice; the first counts",),
        ),
    ],
)
def test_equal_names_are_one_speaker_and_various_is_not_one(speakers, found, remarks):
    result = talk(speakers=speakers)

    assert [speaker.name for speaker in result.speakers] == found
    assert result.remarks == remarks


def test_speaker_as_object_has_affiliation_and_role():
    speaker = {"name": "Karin Lund", "affiliation": "Harbour  Institute", "role": "Pilot"}

    assert talk(speakers=[speaker, {"name": "T. Greer"}]).speakers == (
        TalkSpeaker("Karin Lund", "Harbour Institute", "Pilot"),
        TalkSpeaker("T. Greer"),
    )


def test_recommendations_are_texts_or_objects():
    found = talk(recommendations=["Dredge.", {"text": " Wait. ", "audience": "Ports"}])

    assert found.recommendations == (TalkAdvice("Dredge."), TalkAdvice("Wait.", "Ports"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Machine Learning", "machine-learning"),
        ("machine\u2010learning", "MACHINE  learning"),
        ("machine - learning", "Machine\u00a0Learning"),
        ("ｍａｃｈｉｎｅ learning", "machine learning"),
        ("STRASSE", "straße"),
        ("Café", "Cafe\u0301"),
    ],
)
def test_equal_topics_are_one_and_use_the_first_spelling(one, other):
    assert heading_key(one) == heading_key(other)
    assert len(talk(topics=[one, other]).topics) == 1
    assert len(talk(regions=[one, other]).regions) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Sea", "Seas"), ("C", "C++"), ("Café", "Cafe"), ("sea_ice", "sea ice")]
)
def test_different_topics_remain_separate(one, other):
    assert talk(topics=[one, other, " "]).topics == (one, other)


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("eng", "en"), ("ENG", "en"), ("deu", "de"), ("cmn", "zh"), ("pes", "fa"), ("nob", "nb"),
        ("en", "en"), ("pt-BR", "pt-BR"), ("zh-Hant-TW", "zh-Hant-TW"), ("haw", "haw"),
        (None, "en"), ("", "en"),
    ],
)  # fmt: skip
def test_language_becomes_the_shortest_tag(code, tag):
    found = talk(language=code)

    assert (found.language, found.remarks) == (tag, ())


@pytest.mark.parametrize("code", ["Norwegian", "n", "en_GB", "x" * 40])
def test_invalid_language_tag_is_left_over(code):
    found = talk(language=code)

    assert found.language == "en"
    assert found.remains == (f"language: {code}",)
    assert found.remarks == (f"kept on the record: language: {code}",)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org", "tides.example.org"])
def test_invalid_url_is_left_over(url):
    found = talk(source_url=url)

    assert found.source_url == ""
    assert found.remains == (f"source_url: {url}",)


def test_characters_that_a_database_rejects_are_removed():
    found = talk(title="Ti\u0000des\ud800", topics=["Se\u0000a\udfff"], speakers=["Ka\u0000rin"])

    assert (found.title, found.topics) == ("Tides?", ("Sea?",))
    assert found.speakers == (TalkSpeaker("Karin"),)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=10)
    | st.sampled_from(["2024-03-14", "eng", "Various speakers", "\ud800", "\u0000"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "text", "role", "affiliation", "audience"]), inner
        )
    ),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    [
        "id",
        "title",
        "date",
        "series",
        "topics",
        "regions",
        "speakers",
        "recommendations",
        "summary",
        "language",
        "source_url",
        "slug",
    ]
)


@settings(max_examples=200)
@given(st.dictionaries(FIELDS, VALUES))
def test_any_object_gives_a_valid_talk_or_an_error(fields):
    try:
        found = talk(**fields)
    except ValueError as refusal:
        assert str(refusal).encode()
    else:
        text = json.dumps(
            [found.comparable_content(), found.remarks], default=str, ensure_ascii=False
        )
        assert "\\u0000" not in text
        assert text.encode("utf-8", "ignore").decode() == text  # no lone surrogates


@settings(max_examples=100)
@given(st.text())
def test_any_line_is_parsed_or_rejected(line):
    with pytest.raises(ValueError):
        read_talk(line)


def test_contradictory_weekday_is_reported():
    found = talk(date="Monday, 15 November 2019")

    assert found.held_on == date(2019, 11, 15)
    assert found.remarks == (
        "date: the weekday does not fit: 15 November 2019 is a Friday; "
        "the nearest Monday is 18 November 2019",
    )
