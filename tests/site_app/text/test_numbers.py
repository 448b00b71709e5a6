import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_app.text.numbers import (
    MAX_PRIMARY_KEY,
    number_with_noun,
    parse_whole_number,
    parse_whole_numbers,
)
from tests.factories import SessionFactory


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("007", 7),
        (str(MAX_PRIMARY_KEY), MAX_PRIMARY_KEY),
        (str(MAX_PRIMARY_KEY + 1), None),
        ("9" * 5000, None),
        ("0", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1_000", None),
        ("1.0", None),
        ("²", None),
        ("٣", None),
        ("", None),
    ],
)
def test_whole_number_is_parsed(text, number):
    assert parse_whole_number(text) == number


def test_range_is_checked():
    assert parse_whole_number("0", minimum=0) == 0
    assert parse_whole_number("65536", maximum=65535) is None


@given(st.text())
def test_any_text_is_a_number_or_rejected(text):
    number = parse_whole_number(text, minimum=0)

    assert number is None or number == int(text)


def test_whole_numbers_are_parsed():
    assert parse_whole_numbers(["2", "²", "", "10"]) == [2, 10]


@pytest.mark.parametrize("text", ["²", "9" * 30, "٣", "-1", "x\x00", ""])
def test_staff_pages_reject_invalid_keys(staff_client, text):
    client = staff_client("Publishers")
    session = SessionFactory(status="draft")
    change = f"/admin/sessions_app/session/{session.pk}"
    pages = [
        ("get", f"{change}/history/compare/", {"old": text, "new": text}),
        ("get", "/admin/sessions_app/session/", {"p": text, "id__exact": text}),
        ("get", "/admin/speakers_app/speaker/alike/", {"besides": text, "family_name": "A"}),
        ("post", "/admin/speakers_app/speaker/add/?_popup=1", {"_popup": "1", "_use": text}),
        ("post", f"{change}/review/", {"do": "ask", "reviewer": text}),
        ("post", f"{change}/review/", {"resolve": text}),
        ("post", "/admin/sessions_app/binnedsession/", {"restore": text}),
        (
            "post",
            f"{change}/change/",
            {"appearances-TOTAL_FORMS": text, "appearances-0-speaker": text},
        ),
    ]

    for method, address, values in pages:
        response = getattr(client, method)(address, values)
        assert response.status_code < 500, address


@pytest.mark.parametrize(
    ("number", "plural", "words"),
    [
        (1, "sessions", "1 session"),
        (0, "sessions", "0 sessions"),
        (1200, "sessions", "1,200 sessions"),
        (1, "series", "1 series"),
        (1, "entries", "1 entry"),
    ],
)
def test_number_is_printed_with_its_noun(number, plural, words):
    assert number_with_noun(number, plural) == words
