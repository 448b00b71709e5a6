"""Dates as people write them: days, months, years and spans of them. One reader for the archive.

Pages, filters, forms, spreadsheets, imports and commands share it, so that one text means one day
everywhere. dateparser was tried and left: it knows no spans, takes half a line for a date, and
decides between 5 November and 11 May by itself.
"""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext

_MONTH_NUMBERS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
            ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"),
            ("october", "oct"), ("november", "nov"), ("december", "dec"),
        ),
        1,
    )
    for name in names
} | {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv"), ("février", "fevrier", "févr"), ("mars",), ("avril", "avr"),
            ("mai",), ("juin",), ("juillet", "juil"), ("août", "aout"), ("septembre",),
            ("octobre",), ("novembre",), ("décembre", "decembre", "déc"),
        ),
        1,
    )
    for name in names
}  # fmt: skip
_MONTH_PATTERN = r"(?P<month{0}>[^\W\d_]{{3,9}})\.?"
_DAY_PATTERN = r"(?:(?:the|le|du)\s+)?(?P<day{0}>\d{{1,2}})(?:st|nd|rd|th|er)?\.?(?:\s+of)?"
_YEAR_PATTERN = r"(?P<year{0}>\d{{4}})"
_RANGE_PATTERN = r"\s*(?:-|–|—|to|and|&|through|until|au|et)\s*"
_WEEKDAY_NAME_PATTERN = (
    r"\b(?:(?:mon|tues?|wednes|weds?|thurs?|fri|satur|sat|sun)(?:day)?"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b"
)
# "Friday,", "(Fri.)", "Thursday and Friday,"
_WEEKDAYS_TO_REMOVE = re.compile(
    rf"\(?{_WEEKDAY_NAME_PATTERN}\.?(?:\s*(?:-|–|—|to|and|&|,)\s*{_WEEKDAY_NAME_PATTERN}\.?)?\)?,?\s*",
    re.I,
)

_WEEKDAY_NUMBERS = {
    **{name: day for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    **{name: day for day, name in enumerate(("lun", "mar", "mer", "jeu", "ven", "sam", "dim"))},
}


def _compile_date_form(text):
    text = re.sub(
        r"\b([DMY])(\d)\b",
        lambda match: {"D": _DAY_PATTERN, "M": _MONTH_PATTERN, "Y": _YEAR_PATTERN}[
            match[1]
        ].format(match[2]),
        text,
    )
    return re.compile(text.replace(" TO ", _RANGE_PATTERN).replace(" ", r",?\s+"), re.I)


_DAY_FORMS = [
    _compile_date_form(r"D1 M1 Y1 TO D2 M2 Y2"),
    _compile_date_form(r"M1 D1 Y1 TO M2 D2 Y2"),
    _compile_date_form(r"D1 M1 TO D2 M2 Y2"),
    _compile_date_form(r"M1 D1 TO M2 D2 Y2"),
    _compile_date_form(r"D1 TO D2 M2 Y2"),
    _compile_date_form(r"M1 D1 TO D2 Y2"),
    _compile_date_form(r"D1 M1 Y1"),
    _compile_date_form(r"M1 D1 Y1"),
    _compile_date_form(r"Y1 M1 D1"),
    _compile_date_form(r"D1[-/]M1[-/]Y1"),
    _compile_date_form(r"M1[-/]D1[-/]Y1"),
    re.compile(r"(?P<day1>\d{1,2})(?P<month1>[^\W\d_]{3,9})(?P<year1>\d{4})"),
    re.compile(
        r"(?P<year1>\d{4})-(?P<month1>\d{2})-(?P<day1>\d{2})"
        + _RANGE_PATTERN
        + r"(?P<year2>\d{4})-(?P<month2>\d{2})-(?P<day2>\d{2})"
    ),
    re.compile(r"(?P<year1>\d{4})[-/.](?P<month1>\d{1,2})[-/.](?P<day1>\d{1,2})"),
    # In this form, with full stops, the day always comes first.
    re.compile(r"(?P<day1>\d{1,2})\.\s?(?P<month1>\d{1,2})\.\s?(?P<year1>\d{4})"),
]
_PERIOD_FORMS = [
    _compile_date_form(r"M1 Y1 TO M2 Y2"),
    _compile_date_form(r"M1 TO M2 Y2"),
    _compile_date_form(r"M1 Y1"),
    _compile_date_form(r"Y1 M1"),
    re.compile(r"(?P<year1>\d{4})[-/](?P<month1>\d{1,2})"),
    re.compile(r"(?P<month1>\d{1,2})[./](?P<year1>\d{4})"),
    _compile_date_form(r"Y1 TO Y2"),
    _compile_date_form(r"Y1"),
]
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_NUMERIC_DAY_FIRST_DATE = re.compile(
    r"(?P<day1>\d{1,2})[/-](?P<month1>\d{1,2})[/-](?P<year1>\d{4})"
)
# ISO 8601 without hyphens: only as the whole text, because running text contains other numbers.
_ISO_DATE_WITHOUT_HYPHENS = re.compile(
    r"(?P<year1>(?:19|20)\d{2})(?P<month1>\d{2})(?P<day1>\d{2})"
)
_ISO_PERIOD = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_DATE_WITH_TWO_DIGIT_YEAR = re.compile(
    r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2}"
    r"|\d{1,2}[-\s]+[^\W\d_]{3,9}\.?,?[-\s]+['’]?\d{2}"
    r"|[^\W\d_]{3,9}\.?\s+\d{1,2},?\s+['’]?\d{2}",
    re.I,
)
_TIME_OF_DAY = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?(?:\s*h(?:ours?)?)?",
    re.I | re.ASCII,
)
_DAY_AND_TIME_OF_DAY = re.compile(
    r"(?P<day>.*\d{4}(?:[-/]\d{1,2}[-/]\d{1,2})?)(?:\s*,?\s+(?:at\s+)?|(?<=\d)T)(?P<clock>\d.*?)"
    r"\s*(?P<offset>Z|UTC|[+-]\d{2}:?\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?",
    re.I | re.ASCII,
)


class DaySpan(NamedTuple):
    """Days from `first` to `last`, both included; a single day is both."""

    first: date
    last: date


class UnreadableDateError(ValueError):
    """The text is not a date in a known form. The message says so, and what to write."""


class AmbiguousDateError(UnreadableDateError):
    """The text can mean either of two days, `readings`: the day first, and the month first."""

    def __init__(self, text: str, readings: tuple[date, date]):
        self.readings = readings
        day_first, month_first = readings
        super().__init__(
            gettext(
                "“%(text)s” can mean %(day)s or %(other_day)s. Write %(iso)s or %(other_iso)s."
            )
            % {
                "text": text,
                "day": long_date(day_first),
                "other_day": long_date(month_first),
                "iso": day_first,
                "other_iso": month_first,
            }
        )


class WrongWeekdayError(UnreadableDateError):
    """The text names a day and a weekday that it was not.

    `span`: the days as the numbers say; `readings`: such a day, and the nearest of that weekday.
    """

    def __init__(self, text: str, span: "DaySpan", day: date, weekday: int):
        self.span = span
        back = (day.weekday() - weekday) % 7
        nearest = day - timedelta(days=back) if back <= 3 else day + timedelta(days=7 - back)
        self.readings = (day, nearest)
        self.reason = gettext(
            "%(day)s is a %(weekday)s; the nearest %(other_weekday)s is %(other_day)s"
        ) % {
            "day": long_date(day),
            "weekday": WEEKDAYS[day.weekday()],
            "other_weekday": WEEKDAYS[nearest.weekday()],
            "other_day": long_date(nearest),
        }
        super().__init__(
            gettext(
                "The weekday in “%(text)s” does not match the date: %(reason)s. "
                "Write %(iso)s or %(other_iso)s."
            )
            % {"text": text, "reason": self.reason, "iso": day, "other_iso": nearest}
        )


def read_day(text: str) -> date:
    """Return the one day that a text names: "15 November 2019", "2019-11-15", "25/6/2026".

    Raises AmbiguousDateError, WrongWeekdayError, or UnreadableDateError for anything else that is not
    one day.
    """
    span = _read_span_or_none(text)
    if span is None or span.first != span.last:
        raise UnreadableDateError(_why_not_one_day(text, is_span=span is not None))
    return span.first


def read_time_of_day(text: str) -> time:
    """Return the time of day that a text names: "18:00", "6 pm", "6.30 p.m.", "18:00:30".

    Raises UnreadableDateError; a bare number ("6") is not a time.
    """
    match = _TIME_OF_DAY.fullmatch(" ".join(text.split()))
    wrong = UnreadableDateError(
        gettext("“%(text)s” is not a time of day. Write it as 18:00 or 6 pm.")
        % {"text": _shortened_for_message(text)}
    )
    if not match or not (match["minute"] or match["half"]):
        raise wrong
    hour = int(match["hour"])
    if half := match["half"]:
        if not 1 <= hour <= 12:
            raise wrong
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    fraction = (match["fraction"] or "").ljust(6, "0")
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0), int(fraction))
    except ValueError as error:
        raise wrong from error


def read_moment(text: str) -> datetime:
    """Return the date and time in a text: "2019-11-15 18:00", "15 November 2019, 6 pm", a date.

    A date alone means its midnight. Without an offset ("Z", "+01:00") the result is naive: the caller knows
    the time zone. Raises AmbiguousDateError or UnreadableDateError.
    """
    plain = " ".join(text.split())
    match = _DAY_AND_TIME_OF_DAY.fullmatch(plain)
    if not match:
        return datetime.combine(read_day(text), time())
    moment = datetime.combine(read_day(match["day"]), read_time_of_day(match["clock"]))
    if offset := match["offset"]:
        zone = "Z" if offset[0] in "uUzZ" else offset
        try:
            return datetime.fromisoformat(f"{moment.isoformat()}{zone}")
        except ValueError as error:
            raise UnreadableDateError(
                gettext("“%(text)s” is not an offset from UTC.") % {"text": offset}
            ) from error
    return moment


def read_days(text: str) -> DaySpan:
    """Return the day, or the days from one to another, that a text names: "18–19 January 2023".

    Raises AmbiguousDateError, or UnreadableDateError for a month, a year, or no date.
    """
    span = _read_span_or_none(text)
    if span is None:
        raise UnreadableDateError(
            gettext(
                "“%(text)s” is not a date. Write it as 2019-05-31, 31 May 2019 "
                "or 30 to 31 May 2019."
            )
            % {"text": _shortened_for_message(text)}
        )
    return span


def read_period(text: str) -> DaySpan:
    """Return the days of a year, month, day or span: "2019", "2019-05", "May 2019", "31 May 2019".

    Raises AmbiguousDateError or UnreadableDateError.
    """
    span = _read_span_or_none(text) or _read_in_forms(text, _PERIOD_FORMS)
    if span is None:
        raise UnreadableDateError(
            gettext(
                "“%(text)s” is not a date. Write a year, a month or a day: 2019, May 2019, "
                "2019-05, 31 May 2019 or 2019-05-31."
            )
            % {"text": _shortened_for_message(text)}
        )
    return span


def read_iso_period(text: str) -> DaySpan:
    """Return the days of an ISO 8601 year, month or day: "2019", "2019-05", "2019-05-31".

    Raises UnreadableDateError for any other form.
    """
    span = None
    if _ISO_PERIOD.fullmatch(text.strip()):
        span = _read_span_or_none(text) or _read_in_forms(text, _PERIOD_FORMS)
    if span is None:
        raise UnreadableDateError(
            gettext("“%(text)s” is not an ISO date. Write 2019, 2019-05 or 2019-05-31.")
            % {"text": _shortened_for_message(text)}
        )
    return span


def find_days(text: str) -> list[tuple[int, DaySpan]]:
    """Return (where it begins, days) of each date that a running text names, in order."""
    days: list[tuple[int, DaySpan]] = []
    taken: list[tuple[int, int]] = []
    for form in _DAY_FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            if any(start < other_end and end > other for other, other_end in taken):
                continue
            if text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isdigit():
                continue
            if span := _read_in_forms(match[0], _DAY_FORMS):
                taken.append((start, end))
                days.append((start, span))
    return sorted(days)


def long_date(day: date) -> str:
    """Return "15 November 2019", in the language in use."""
    return pgettext("date", "%(day)s %(month)s %(year)s") % {
        "day": _day_of_month_text(day),
        "month": MONTHS[day.month],
        "year": day.year,
    }


def _day_of_month_text(day: date) -> str:
    return pgettext("first day of a month", "1") if day.day == 1 else str(day.day)


def _month_and_year_text(day: date) -> str:
    return f"{MONTHS[day.month]} {day.year}"


def long_date_with_weekday(day: date) -> str:
    """Return "Friday, 15 November 2019", as forms show a date so that mistakes are noticed."""
    return pgettext("date", "%(weekday)s, %(day)s") % {
        "weekday": WEEKDAYS[day.weekday()],
        "day": long_date(day),
    }


def days_in_words(first: date, last: date | None = None) -> str:
    """Return a day or the days to another: "18–19 January 2023", "30 November – 1 December 2022"."""
    if last is None or last == first:
        return long_date(first)
    if first.year != last.year:
        return f"{long_date(first)} – {long_date(last)}"
    values = {
        "day": _day_of_month_text(first),
        "month": MONTHS[first.month],
        "last_day": _day_of_month_text(last),
        "last_month": MONTHS[last.month],
        "year": last.year,
    }
    if first.month == last.month:
        return pgettext("days", "%(day)s–%(last_day)s %(month)s %(year)s") % values
    return pgettext("days", "%(day)s %(month)s – %(last_day)s %(last_month)s %(year)s") % values


def moment_in_words(moment: datetime, *, with_zone: bool = False) -> str:
    """Return "28 November 2026, 05:37" of the archive's own time zone, with its name if asked.

    Templates say the same by sma_archive/formats.
    """
    local = localtime(moment)
    words = pgettext("moment", "%(day)s, %(time)s") % {
        "day": long_date(local),
        "time": f"{local:%H:%M}",
    }
    return f"{words} {local:%Z}" if with_zone else words


def when_and_who(moment: datetime, user) -> str:
    """Return "28 November 2026, 05:37 by ann", without the name where a command did it."""
    when = moment_in_words(moment)
    return gettext("%(when)s by %(user)s") % {"when": when, "user": user} if user else when


def _why_not_one_day(text: str, *, is_span: bool) -> str:
    """Return what is wrong with a text that is not one day, and what to write."""
    plain, values = _without_weekdays(text), {"text": _shortened_for_message(text)}
    if is_span:
        return (
            gettext("“%(text)s” is more than one day. Write one, as 2019-05-31 or 31 May 2019.")
            % values
        )
    if _DATE_WITH_TWO_DIGIT_YEAR.fullmatch(plain):
        return (
            gettext(
                "“%(text)s” is not a date: the year has two digits. Write all four: "
                "2019-05-31 or 31 May 2019."
            )
            % values
        )
    for form in (_NUMERIC_DAY_FIRST_DATE, *_DAY_FORMS):
        if (match := form.fullmatch(plain)) and match.groupdict().get("day2") is None:
            given = {name: value for name, value in match.groupdict().items() if value}
            days = _span_of_end({name: given[name] for name in ("month1", "year1")}, "1")
            if days and int(given["day1"]) > days.last.day:
                values |= {"month": _month_and_year_text(days.last), "days": str(days.last.day)}
                return gettext("“%(text)s” is not a date: %(month)s has %(days)s days.") % values
    if _read_in_forms(text, _PERIOD_FORMS):
        return (
            gettext("“%(text)s” is not one day. Write the day as well: 2019-05-31 or 31 May 2019.")
            % values
        )
    return gettext("“%(text)s” is not a date. Write it as 2019-05-31 or 31 May 2019.") % values


def _read_span_or_none(text: str) -> DaySpan | None:
    """Return the days that a text names, None if it names none.

    Raises AmbiguousDateError, and WrongWeekdayError where the text says another weekday than they are.
    """
    plain, weekdays = _without_weekdays(text), _weekdays_named_in(text)
    if match := _NUMERIC_DATE.fullmatch(plain):
        one, other, year = (int(number) for number in match.groups())
        day_first, month_first = _date_or_none(year, other, one), _date_or_none(year, one, other)
        if day_first and month_first and day_first != month_first:
            raise AmbiguousDateError(_shortened_for_message(text), (day_first, month_first))
        only = day_first or month_first
        span = DaySpan(only, only) if only else None
    else:
        span = _read_in_forms(plain, (*_DAY_FORMS, _ISO_DATE_WITHOUT_HYPHENS))
    if span is not None:
        _check_weekdays(text, span, weekdays)
    return span


def _weekdays_named_in(text: str) -> list[int]:
    """Return the weekdays that a text names, in order: 0 for a Monday."""
    return [
        _WEEKDAY_NUMBERS[match[0][:3].lower()]
        for match in re.finditer(_WEEKDAY_NAME_PATTERN, text, re.I)
    ]


def _check_weekdays(text: str, span: DaySpan, weekdays: list[int]) -> None:
    """Raise WrongWeekdayError unless the weekdays, if any, are those of the first and the last day."""
    if not weekdays:
        return
    # A weekday may be next to either end of the range.
    if len(weekdays) == 1 and weekdays[0] in (span.first.weekday(), span.last.weekday()):
        return
    for day, weekday in ((span.first, weekdays[0]), (span.last, weekdays[-1])):
        if day.weekday() != weekday:
            raise WrongWeekdayError(_shortened_for_message(text), span, day, weekday)


def _read_in_forms(text: str, forms) -> DaySpan | None:
    plain = _without_weekdays(text)
    for form in forms:
        if match := form.fullmatch(plain):
            values = {name: value for name, value in match.groupdict().items() if value}
            has_end = any(name.endswith("2") for name in values)
            for part in ("month", "year"):  # printed once for both ends, next to either of them
                if f"{part}2" in values:
                    values.setdefault(f"{part}1", values[f"{part}2"])
                elif f"{part}1" in values:
                    values.setdefault(f"{part}2", values[f"{part}1"])
            first = _span_of_end(values, "1")
            last = _span_of_end(values, "2") if has_end else first
            if first is None or last is None or last.last < first.first:
                return None
            return DaySpan(first.first, last.last)
    return None


def _without_weekdays(text: str) -> str:
    return _WEEKDAYS_TO_REMOVE.sub("", " ".join(text.split())).strip(" .,")


def _shortened_for_message(text: str) -> str:
    return " ".join(text.split())[:50]


def _span_of_end(values: dict[str, str], which: str) -> DaySpan | None:
    """Return the days of one end of a span: a day, a whole month or a whole year."""
    year = int(values[f"year{which}"])
    name = values.get(f"month{which}")
    if name is None:
        return _span_of_year(year)
    month = int(name) if name.isdecimal() else _MONTH_NUMBERS.get(name.casefold(), 0)
    if f"day{which}" in values:
        day = _date_or_none(year, month, int(values[f"day{which}"]))
        return DaySpan(day, day) if day else None
    return _span_of_month(year, month)


def _span_of_year(year: int) -> DaySpan | None:
    first = _date_or_none(year, 1, 1)
    return DaySpan(first, first.replace(month=12, day=31)) if first else None


def _span_of_month(year: int, month: int) -> DaySpan | None:
    first = _date_or_none(year, month, 1)
    return DaySpan(first, first.replace(day=monthrange(year, month)[1])) if first else None


def _date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
