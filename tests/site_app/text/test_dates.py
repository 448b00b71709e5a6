"""Dates as people write them: what they mean, and which are left for a person to decide."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from site_app.text.dates import (
    AmbiguousDateError,
    UnreadableDateError,
    WrongWeekdayError,
    days_in_words,
    find_days,
    long_date_with_weekday,
    moment_in_words,
    read_day,
    read_days,
    read_iso_period,
    read_moment,
    read_period,
    read_time_of_day,
)

DAY = date(2019, 11, 15)


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
        "15-Nov-2019",
        "2019-11-15",
        "2019/11/15",
        "15.11.2019",
        "15. 11. 2019",
        "15/11/2019",
        "11/15/2019",
        "15-11-2019",
        "  15\u00a0November \t 2019 ",
        "15. November 2019",
        "15th of November, 2019",
        "the 15th of November 2019",
        "November the 15th, 2019",
        "2019 November 15",
        "15NOV2019",
        "Nov-15-2019",
        "2019.11.15",
        "20191115",
        "15 November 2019 (Friday)",
        "Friday the 15th of November 2019",
    ],
)
def test_date_is_parsed_in_every_form(text):
    assert read_day(text) == DAY
    assert read_days(text) == (DAY, DAY)
    assert read_period(text) == (DAY, DAY)


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
def test_range_gives_its_first_and_last_day(text, first, last):
    assert read_days(text) == (first, last)
    assert read_period(text) == (first, last)
    with pytest.raises(UnreadableDateError):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2019-05", date(2019, 5, 1), date(2019, 5, 31)),
        ("2019-5", date(2019, 5, 1), date(2019, 5, 31)),
        ("05/2019", date(2019, 5, 1), date(2019, 5, 31)),
        ("May 2019", date(2019, 5, 1), date(2019, 5, 31)),
        ("may, 2019", date(2019, 5, 1), date(2019, 5, 31)),
        ("Feb. 2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("2019 May", date(2019, 5, 1), date(2019, 5, 31)),
        ("May to July 2019", date(2019, 5, 1), date(2019, 7, 31)),
        ("December 2019 – January 2020", date(2019, 12, 1), date(2020, 1, 31)),
        ("2019–2021", date(2019, 1, 1), date(2021, 12, 31)),
    ],
)
def test_month_or_year_is_a_period_and_not_a_day(text, first, last):
    assert read_period(text) == (first, last)
    with pytest.raises(UnreadableDateError):
        read_days(text)


def test_range_of_one_day_is_that_day():
    assert read_day("5 March 2020 - 5 March 2020") == date(2020, 3, 5)


def test_leap_day_is_valid_only_in_leap_years():
    assert read_day("29 February 2024") == date(2024, 2, 29)
    with pytest.raises(UnreadableDateError):
        read_day("29 February 2023")


@pytest.mark.parametrize("text", ["05/11/2019", "5/11/2019", "05-11-2019", "Tue 05/11/2019"])
@pytest.mark.parametrize("read", [read_day, read_days, read_period])
def test_ambiguous_date_gives_both_readings(text, read):
    with pytest.raises(AmbiguousDateError, match="5 November 2019 or 11 May 2019") as caught:
        read(text)

    assert caught.value.readings == (date(2019, 11, 5), date(2019, 5, 11))


@pytest.mark.parametrize("text", ["05/05/2020", "5-5-2020"])
def test_equal_day_and_month_are_not_ambiguous(text):
    assert read_day(text) == date(2020, 5, 5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "to be announced",
        "15 November",
        "15 Brumaire 2019",
        "31 April 2019",
        "2019-13-01",
        "2019-13",
        "13/13/2019",
        "31/04/2019",
        "19-18 January 2023",  # the last day before the first
        "2021-2019",
        "18–32 January 2023",
        "15 November 2019 (moved to December)",
        "15 November 19",
        "1 January 0000",
        "0000",
        "Spring 2020",
        "May 20",
        "²019",
    ],
)
@pytest.mark.parametrize("read", [read_day, read_days, read_period, read_iso_period])
def test_invalid_date_is_rejected_with_a_message(text, read):
    with pytest.raises(UnreadableDateError, match="is not a"):
        read(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2019-05", date(2019, 5, 1), date(2019, 5, 31)),
        ("2019-05-31", date(2019, 5, 31), date(2019, 5, 31)),
    ],
)
def test_iso_periods(text, first, last):
    assert read_iso_period(text) == (first, last)


@pytest.mark.parametrize("text", ["May 2019", "31.12.2019", "2019-5", "2019-2021", "05/11/2019"])
def test_other_formats_are_not_iso_periods(text):
    with pytest.raises(UnreadableDateError, match="not an ISO date"):
        read_iso_period(text)


def test_dates_in_running_text_are_found():
    text = "From 3 May 2018 to 5 May 2018, then 18–19 January 2023, and room 115 November 2019."

    assert [days for _start, days in find_days(text)] == [
        (date(2018, 5, 3), date(2018, 5, 5)),
        (date(2023, 1, 18), date(2023, 1, 19)),
    ]


def test_dates_are_written_in_words():
    assert long_date_with_weekday(DAY) == "Friday, 15 November 2019"


@given(st.text() | st.text("0123456789-/., –toMay", max_size=30))
def test_only_expected_errors_are_raised_and_ranges_are_ordered(text):
    for read in (read_days, read_period, read_iso_period):
        try:
            first, last = read(text)
        except UnreadableDateError:
            continue
        assert first <= last


@given(
    st.dates(min_value=date(1900, 1, 1)),
    st.sampled_from(["{0:%Y-%m-%d}", "{0.day} {0:%B} {0:%Y}", "{0:%b} {0.day}, {0:%Y}"]),
)
def test_printed_date_can_be_parsed(day, form):
    assert read_day(form.format(day)) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("31 February 2019", "“31 February 2019” is not a date: February 2019 has 28 days."),
        ("31/04/2019", "“31/04/2019” is not a date: April 2019 has 30 days."),
        ("2019-02-30", "“2019-02-30” is not a date: February 2019 has 28 days."),
        (
            "5/11/19",
            "“5/11/19” is not a date: the year has two digits. Write all four: 2019-05-31 or 31 May 2019.",
        ),
        (
            "15 Nov 19",
            "“15 Nov 19” is not a date: the year has two digits. Write all four: 2019-05-31 or 31 May 2019.",
        ),
        (
            "May 2019",
            "“May 2019” is not one day. Write the day as well: 2019-05-31 or 31 May 2019.",
        ),
        (
            "1–2 May 2019",
            "“1–2 May 2019” is more than one day. Write one, as 2019-05-31 or 31 May 2019.",
        ),
        ("tomorrow", "“tomorrow” is not a date. Write it as 2019-05-31 or 31 May 2019."),
    ],
)
def test_text_that_is_not_a_single_date_is_rejected_with_the_reason(text, said):
    with pytest.raises(UnreadableDateError) as refused:
        read_day(text)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("18:00", time(18)),
        ("18.30", time(18, 30)),
        ("6 pm", time(18)),
        ("6:30 p.m.", time(18, 30)),
        ("12 am", time(0)),
        ("12:05 PM", time(12, 5)),
        ("05:37:12.25", time(5, 37, 12, 250000)),
    ],
)
def test_time_of_day_is_parsed_in_every_form(text, clock):
    assert read_time_of_day(text) == clock


@pytest.mark.parametrize("text", ["6", "25:00", "13 pm", "0 am", "18:60", "noonish", "", "²:00"])
def test_invalid_time_of_day_is_rejected(text):
    with pytest.raises(UnreadableDateError, match="is not a time of day"):
        read_time_of_day(text)


def naive(*numbers):
    return datetime(*numbers, tzinfo=None)  # noqa: DTZ001 - what is read has no offset either


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-11-15 18:00", naive(2019, 11, 15, 18)),
        ("2019-11-15T18:00:30Z", datetime(2019, 11, 15, 18, 0, 30, tzinfo=UTC)),
        (
            "2019-11-15 18:00:00.000001+02:00",
            datetime(2019, 11, 15, 18, 0, 0, 1, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("15 November 2019, 6 pm", naive(2019, 11, 15, 18)),
        ("15 November 2019, 18:00 UTC", datetime(2019, 11, 15, 18, tzinfo=UTC)),
        ("Nov 15, 2019 at 18:00", naive(2019, 11, 15, 18)),
        ("15/11/2019 18:00", naive(2019, 11, 15, 18)),
        ("15 November 2019", naive(2019, 11, 15)),
    ],
)
def test_date_and_time_are_parsed_in_every_form(text, moment):
    found = read_moment(text)

    assert (found, found.tzinfo is None) == (moment, moment.tzinfo is None)


@pytest.mark.parametrize(
    "text", ["05/11/2019 18:00", "15/11/19 18:00", "2019-11-15 25:00", "18:00"]
)
def test_invalid_date_and_time_is_rejected(text):
    with pytest.raises(UnreadableDateError):
        read_moment(text)


def test_date_and_time_in_words_include_the_zone_on_request():
    moment = datetime(2026, 11, 28, 5, 37, 12, tzinfo=UTC)

    assert moment_in_words(moment) == "28 November 2026, 05:37"
    assert moment_in_words(moment, with_zone=True) == "28 November 2026, 05:37 UTC"


@given(st.datetimes(timezones=st.just(UTC)))
def test_iso_date_and_time_round_trip(moment):
    assert read_moment(moment.isoformat(" ")) == moment


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_rejected_as_date_and_time(text):
    for read in (read_day, read_time_of_day, read_moment):
        with suppress(UnreadableDateError):
            read(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Thursday, 14 to 15 November 2019", (14, 15)),
        ("14 to 15 November 2019, Friday", (14, 15)),
        ("Thursday and Friday, 14-15 November 2019", (14, 15)),
        ("Thursday 14 to Friday 15 November 2019", (14, 15)),
        ("Weds 13 November 2019", (13, 13)),
    ],
)
def test_matching_weekdays_are_ignored(text, days):
    assert read_days(text) == tuple(date(2019, 11, day) for day in days)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("Monday, 15 November 2019", (DAY, date(2019, 11, 18))),
        ("Tue 2019-11-15", (DAY, date(2019, 11, 12))),
        ("15/11/2019 (Sunday)", (DAY, date(2019, 11, 17))),
        ("Thursday 14 to Saturday 15 November 2019", (DAY, date(2019, 11, 16))),
        ("Wednesday 14-15 November 2019", (date(2019, 11, 14), date(2019, 11, 13))),
    ],
)
def test_contradictory_weekday_is_rejected_with_both_readings(text, readings):
    for read in (read_days, read_period):
        with pytest.raises(WrongWeekdayError) as refused:
            read(text)

        assert refused.value.readings == readings
        for day in readings:
            assert str(day) in str(refused.value)


def test_digits_alone_are_not_a_date_within_a_text():
    assert find_days("Report 20191115 was read.") == []


@pytest.mark.parametrize(
    "text",
    [
        "15 novembre 2019",
        "le 15 novembre 2019",
        "Vendredi 15 novembre 2019",
        "15 nov. 2019",
    ],
)
def test_dates_are_parsed_in_french_too(text):
    assert read_day(text) == DAY


def test_months_and_ranges_are_parsed_in_french_too():
    assert read_day("1er août 2019") == read_day("1 aout 2019") == date(2019, 8, 1)
    assert read_period("mars 2026") == (date(2026, 3, 1), date(2026, 3, 31))
    assert read_days("du 18 au 19 janvier 2023") == (date(2023, 1, 18), date(2023, 1, 19))
    with pytest.raises(WrongWeekdayError):
        read_day("mardi 15 novembre 2019")


def test_dates_are_printed_in_the_current_language():
    first, last = date(2026, 3, 12), date(2026, 4, 1)
    assert [days_in_words(first), days_in_words(first, date(2026, 3, 13))] == [
        "12 March 2026",
        "12–13 March 2026",
    ]
    with translation.override("fr"):
        assert days_in_words(first) == "12 mars 2026"
        assert days_in_words(last) == "1er avril 2026"
        assert days_in_words(first, date(2026, 3, 13)) == "12-13 mars 2026"
        assert days_in_words(first, last) == "12 mars – 1er avril 2026"
        assert long_date_with_weekday(first) == "jeudi 12 mars 2026"
        assert moment_in_words(datetime(2026, 3, 12, 5, 7, tzinfo=UTC)) == "12 mars 2026 à 05:07"
