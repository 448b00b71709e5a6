"""Days as pages print them: one, or a span of several.

dateparser was tried and left: it knows no spans and takes half a line for a date.
"""

import re
from datetime import date

_MONTHS = {
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
}  # fmt: skip
_MONTH = r"(?P<month{0}>[A-Za-z]{{3,9}})\.?"
_DAY = r"(?P<day{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year{0}>\d{{4}})"
_TO = r"\s*(?:-|–|—|to|and|&|through|until)\s*"
_WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?\b\.?,?\s*", re.I
)


def _form(text):
    text = re.sub(
        r"\b([DMY])(\d)\b",
        lambda found: {"D": _DAY, "M": _MONTH, "Y": _YEAR}[found[1]].format(found[2]),
        text,
    )
    return re.compile(text.replace(" TO ", _TO).replace(" ", r",?\s+"), re.I)


_FORMS = [
    _form(r"D1 M1 Y1 TO D2 M2 Y2"),
    _form(r"M1 D1 Y1 TO M2 D2 Y2"),
    _form(r"D1 M1 TO D2 M2 Y2"),
    _form(r"M1 D1 TO M2 D2 Y2"),
    _form(r"D1 TO D2 M2 Y2"),
    _form(r"M1 D1 TO D2 Y2"),
    _form(r"D1 M1 Y1"),
    _form(r"M1 D1 Y1"),
    re.compile(r"(?P<year1>\d{4})-(?P<month1>\d{2})-(?P<day1>\d{2})" + _TO
               + r"(?P<year2>\d{4})-(?P<month2>\d{2})-(?P<day2>\d{2})"),
    re.compile(r"(?P<year1>\d{4})[-/](?P<month1>\d{1,2})[-/](?P<day1>\d{1,2})"),
    re.compile(r"(?P<day1>\d{1,2})\.\s?(?P<month1>\d{1,2})\.\s?(?P<year1>\d{4})"),
]  # fmt: skip
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def parse_days(text: str) -> tuple[date | None, date | None]:
    """Return (first day, last day or None) of a printed date; (None, None) if it is none.

    A date in slashes counts only where the order of day and month cannot be mistaken.
    """
    text = _WEEKDAY.sub("", " ".join(text.split()))
    for form in _FORMS:
        if match := form.fullmatch(text.strip(" .")):
            found = {name: value for name, value in match.groupdict().items() if value}
            for part in ("month", "year"):  # printed once for both days, beside either of them
                found.setdefault(f"{part}1", found.get(f"{part}2"))
                found.setdefault(f"{part}2", found[f"{part}1"])
            last = _day(found, "2") if "day2" in found else None
            first = _day(found, "1")
            if first is None or ("day2" in found and last is None):
                return None, None
            if last is not None and last < first:
                return None, None
            return first, last if last != first else None
    if match := _SLASHES.fullmatch(text.strip(" .")):
        a, b, year = (int(number) for number in match.groups())
        if a > 12 or b > 12 or a == b:
            month, day = (b, a) if a > 12 else (a, b)
            return _made(year, month, day), None
    return None, None


def days_in(text: str) -> list[tuple[int, date, date | None]]:
    """Return (where it begins, first day, last day or None) of each date printed in a text."""
    found, taken = [], []
    for form in _FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            if any(start < other_end and end > other for other, other_end in taken):
                continue
            if text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isdigit():
                continue
            first, last = parse_days(match[0])
            if first:
                taken.append((start, end))
                found.append((start, first, last))
    return sorted(found, key=lambda each: each[0])


def parse_month(text: str) -> tuple[int, int] | None:
    """Return (year, month) of "November 2019", or None."""
    match = re.fullmatch(r"([A-Za-z]{3,9})\.? (\d{4})", text.strip())
    if match and match[1].casefold() in _MONTHS:
        return int(match[2]), _MONTHS[match[1].casefold()]
    return None


def _day(found, which):
    month = found.get("month" + which) or ""
    number = int(month) if month.isdigit() else _MONTHS.get(month.casefold())
    if not number or not found.get("year" + which):
        return None
    return _made(int(found["year" + which]), number, int(found["day" + which]))


def _made(year, month, day):
    try:
        return date(year, month, day)
    except ValueError:
        return None
