"""Days as pages print them: what they mean, and what is left to a person to decide."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_app.dates import parse_days, parse_month


@pytest.mark.parametrize(
    "text",
    [
        "15 November 2019",
        "15 november 2019",
        "15 NOV 2019",
        "15 Nov. 2019",
        "15th November, 2019",
        "November 15, 2019",
        "November 15th 2019",
        "Nov. 15, 2019.",
        "Friday, 15 November 2019",
        "Fri. November 15, 2019",
        "2019-11-15",
        "2019/11/15",
        "15.11.2019",
        "15. 11. 2019",
        "15/11/2019",
        "11/15/2019",
        "  15\u00a0November \t 2019 ",
    ],
)
def test_one_day_is_read_in_every_form(text):
    assert parse_days(text) == (date(2019, 11, 15), None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("18–19 January 2023", date(2023, 1, 18), date(2023, 1, 19)),
        ("18 and 19 January 2023", date(2023, 1, 18), date(2023, 1, 19)),
        ("18th to 19th January, 2023", date(2023, 1, 18), date(2023, 1, 19)),
        ("January 18-19, 2023", date(2023, 1, 18), date(2023, 1, 19)),
        ("Wednesday 18 & Thursday 19 January 2023", date(2023, 1, 18), date(2023, 1, 19)),
        ("2023-01-18 to 2023-01-19", date(2023, 1, 18), date(2023, 1, 19)),
        ("30 January – 2 February 2023", date(2023, 1, 30), date(2023, 2, 2)),
        ("January 30 through February 2, 2023", date(2023, 1, 30), date(2023, 2, 2)),
        ("30 December 2022 — 2 January 2023", date(2022, 12, 30), date(2023, 1, 2)),
        ("December 30, 2022 until January 2, 2023", date(2022, 12, 30), date(2023, 1, 2)),
    ],
)
def test_a_span_gives_its_first_and_last_day(text, first, last):
    assert parse_days(text) == (first, last)


def test_a_span_of_one_day_has_no_last_day():
    assert parse_days("5 March 2020 - 5 March 2020") == (date(2020, 3, 5), None)


def test_equal_numbers_between_slashes_cannot_be_mistaken():
    assert parse_days("05/05/2020") == (date(2020, 5, 5), None)


def test_leap_day_is_a_day_in_leap_years_only():
    assert parse_days("29 February 2024") == (date(2024, 2, 29), None)
    assert parse_days("29 February 2023") == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "to be announced",
        "November 2019",
        "15 November",
        "15 Brumaire 2019",
        "31 April 2019",
        "2019-13-01",
        "05/06/2020",  # May or June
        "19-18 January 2023",  # the last day before the first
        "18–32 January 2023",
        "15 November 2019 (moved to December)",
        "1 January 0000",
    ],
)
def test_what_is_no_certain_day_is_none(text):
    assert parse_days(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("November 2019", (2019, 11)),
        ("Sept. 2021", (2021, 9)),
        (" may 2020 ", (2020, 5)),
        ("Spring 2020", None),
        ("May 20", None),
        ("15 May 2020", None),
        ("", None),
    ],
)
def test_month_line(text, expected):
    assert parse_month(text) == expected


@given(st.text() | st.text("0123456789-/., –toMay", max_size=30))
def test_nothing_raises_and_a_last_day_follows_a_first(text):
    first, last = parse_days(text)

    assert last is None or first < last


@given(
    st.dates(min_value=date(1900, 1, 1)),
    st.sampled_from(["{0:%Y-%m-%d}", "{0.day} {0:%B} {0:%Y}", "{0:%b} {0.day}, {0:%Y}"]),
)
def test_a_printed_day_is_read_back(day, form):
    assert parse_days(form.format(day)) == (day, None)
