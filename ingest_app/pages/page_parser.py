"""Parse a page of the old site into a record. Pure: text in, record and remarks out.

The format is described with the samples in tests/ingest_app/samples/. Every line of a page ends
up in a field or among the remains, so that nothing is lost. Each field knows its place on the page.
"""

import re
from bisect import bisect_right
from dataclasses import asdict, dataclass, field
from datetime import date

from site_app.text.dates import (
    AmbiguousDateError,
    UnreadableDateError,
    WrongWeekdayError,
    long_date,
    read_days,
    read_period,
)
from speakers_app.people_line import NO_KNOWN_NAMES, KnownNames, ParsedPerson

from .link_titles import link_title
from .page_people import fill_in_speakers, fuller_name_in_text
from .page_text import NotAPageError, PageText, read_page_text
from .recommendation_extractor import Advice, find_advice, sentence_spans
from .source_spans import Origin, SourcePart

_PUBLICATION_MONTH_LINE = re.compile(
    r"(?P<month>[A-Za-z]{3,9}\.? \d{4})(?: (?:No|\d+) Comments?)?", re.I
)
_PEOPLE_LINE = re.compile(
    r"(?P<label>speakers?(?:\(s\))?|panel(?:l)?ists?(?:\(s\))?|presenters?(?:\(s\))?|moderators?(?:\(s\))?|"
    r"discussants?|facilitators?)\s*:\s*(?P<people>.*)",
    re.I,
)
_DATE_LINE = re.compile(
    r"(?:date(?:\(s\))?(?: of (?:the )?event)?|event date)\s*:\s*(?P<day>.*)", re.I
)
_PROJECT_LINE = re.compile(r"associated sma projects?\s*:?\s*(?P<project>.*)", re.I)
_SUMMARY_HEADING = re.compile(
    r"(?:speaker|panel) (?:session|series|discussion) (?:preview|summary|abstract|overview)\s*:?",
    re.I,
)
_RECORDING_HEADING = re.compile(
    r"(?:speaker|panel) (?:session|series|discussion) (?:audio |video )?(?:recordings?|audio|file|audio file)\s*:?",
    re.I,
)
_DOWNLOAD_LINE_START = re.compile(r"downloads?\b", re.I)
_COMMENTS_HEADING = re.compile(
    r"(?:\d+ )?comments?|submit a comment|leave a (?:reply|comment)", re.I
)
_MARKDOWN_LINK = re.compile(r"\[(?P<words>[^\[\]]+)\]$")  # such as "[the report](https://…)"
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"”“]+", re.I)
# Bounded repetitions that start only at a word boundary; otherwise a line takes quadratic time.
_EMAIL_ADDRESS = re.compile(r"(?<![\w.+'-])[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}")
_SERIES_NAME_IN_TEXT = re.compile(
    r"\bits\s+(?:own\s+)?(?P<name>(?:(?!\.\s+[A-Z]).){0,150}?)\s*\bSpeaker Series\b", re.I
)

# Fields of a speaker that a report contains only if they have a value.
_FIELDS_REPORTED_IF_SET = {"other_name", "doubt"}


@dataclass(frozen=True)
class SourceLink:
    """A link with the words before or in it; `name` is the title for its document."""

    label: str
    url: str | None = None
    name: str = field(default="", compare=False)

    @property
    def title(self) -> str:
        return self.name or self.label or self.url or ""


_Day = date  # PageRecord has a field named date


@dataclass
class PageRecord:
    """The data of one page; dates are local dates, `published` is "YYYY-MM"."""

    title: str = ""
    published: str | None = None
    date: "_Day | None" = None
    date_end: "_Day | None" = None
    series: str | None = None
    speakers: list[ParsedPerson] = field(default_factory=list)
    text_names: list[str | None] = field(default_factory=list)
    recommendations: list[Advice] = field(default_factory=list)
    contact_email: str | None = None
    has_recording: bool = False
    links: list[SourceLink] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)  # lines that were not recognised
    remarks: list[str] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)  # the remarks about guesses
    address: str = ""  # the page's original URL, if it contains one
    lines: list[str] = field(default_factory=list)  # of the whole page
    origins: list[Origin] = field(default_factory=list)

    def as_report(self, file: str) -> dict:
        """Return the record in the form of the samples' JSON files, with further fields."""
        return {
            "file": file,
            "title": self.title,
            "published": self.published,
            "date": self.date.isoformat() if self.date else None,
            "date_end": self.date_end.isoformat() if self.date_end else None,
            "series": self.series,
            "speakers": [
                {
                    **{
                        name: value or None
                        for name, value in asdict(person).items()
                        if value or name not in _FIELDS_REPORTED_IF_SET
                    },
                    "text_name": text_name,
                }
                for person, text_name in zip(self.speakers, self.text_names, strict=True)
            ],
            "recommendations": [advice.text for advice in self.recommendations],
            "recommendation_details": [
                {
                    "text": recommendation.text,
                    "audience": recommendation.audience,
                    "made_by": recommendation.made_by,
                }
                for recommendation in self.recommendations
            ],
            "contact_email": self.contact_email,
            "links": [{"label": link.label, "url": link.url} for link in self.links],
            "remains": self.remains,
            "remarks": self.remarks,
        }

    def comparable_content(self) -> dict:
        """Return all data of the page, to compare its versions."""
        return self.as_report("") | {"paragraphs": self.paragraphs}


@dataclass
class _LinesByPart:
    """The lines of a page, sorted by the part they belong to."""

    people: list[tuple[str, SourcePart]] = field(default_factory=list)  # (label, line)
    day: list[SourcePart] = field(default_factory=list)
    text: list[SourcePart] = field(default_factory=list)
    recording: list[SourcePart] = field(default_factory=list)
    downloads: list[SourcePart] = field(default_factory=list)
    tail: list[SourcePart] = field(default_factory=list)  # after the downloads
    left: list[SourcePart] = field(default_factory=list)  # not recognised


def read_page_record(content: bytes | str, known: KnownNames = NO_KNOWN_NAMES) -> PageRecord:
    """Return the record of one saved page. Raises NotAPageError if it is no page of this site.

    `known`: names in the archive, to distinguish people from organisations.
    """
    return parse_page(read_page_text(content), known=known)


def parse_page(
    page: PageText, *, is_session: bool = False, known: KnownNames = NO_KNOWN_NAMES
) -> PageRecord:
    """Return the record of a page's lines, the first of which is the title.

    Of a page that is known to be a session's, all lines that are nothing else are its text when no
    heading announces one. Raises NotAPageError for any other page with neither speakers nor date
    nor text.
    """
    record = PageRecord(
        title=page.lines[0], remarks=list(page.remarks), lines=page.lines, address=page.address
    )
    record.origins.append(SourcePart(record.title, 0).origin("title"))
    lines = _sort_lines_by_part(page.lines, record)
    if is_session and not lines.text:
        lines.text, lines.left = lines.left, []
    if not (is_session or lines.people or lines.day or lines.text or record.published):
        raise NotAPageError("No speakers, date or summary were found: this is not a session page.")
    _read_dates(lines, record)
    fill_in_speakers(lines, record, known)
    record.paragraphs = [part.text for part in lines.text]
    record.origins += [part.origin("summary") for part in lines.text]
    _read_recording_contact(lines, record)
    _read_links(lines, page.hrefs, record)
    _read_series(lines.text, record)
    _read_recommendations(lines.text, page.items, record)
    text = " ".join(record.paragraphs)
    record.text_names = [fuller_name_in_text(person, text) for person in record.speakers]
    record.remains += [part.text for part in lines.left]
    for part in lines.left:
        record.origins.append(Origin("remains", part.line, 0, len(page.lines[part.line])))
    if not record.paragraphs:
        record.remarks.append("The page has no preview or summary.")
    return record


def _sort_lines_by_part(lines, record):
    sorted_lines = _LinesByPart()
    part = "head"
    pending = ""  # a label whose value is on the next line
    for number, line in enumerate(lines[1:], 1):
        if pending:
            label, pending = pending, ""
            if not _is_label_or_heading(line):
                if label == "day":
                    sorted_lines.day.append(SourcePart(line, number))
                elif label != "project":
                    sorted_lines.people.append((label, SourcePart(line, number)))
                elif line.casefold() != "no items found.":
                    sorted_lines.left.append(SourcePart(f"Associated SMA Project: {line}", number))
                continue
        if _COMMENTS_HEADING.fullmatch(line):
            break
        if match := _PEOPLE_LINE.fullmatch(line):
            if match["people"]:
                people = SourcePart(match["people"], number, match.start("people"))
                sorted_lines.people.append((match["label"], people))
            else:
                pending = match["label"]
        elif match := _DATE_LINE.fullmatch(line):
            if match["day"]:
                sorted_lines.day.append(SourcePart(match["day"], number, match.start("day")))
            else:
                pending = "day"
        elif match := _PROJECT_LINE.fullmatch(line):
            if match["project"] and match["project"].casefold() != "no items found.":
                sorted_lines.left.append(SourcePart(line, number))
            pending = "" if match["project"] else "project"
        elif _SUMMARY_HEADING.fullmatch(line):
            part = "text"
        elif _RECORDING_HEADING.fullmatch(line):
            part = "recording"
            record.has_recording = True
            record.origins.append(SourcePart(line, number).origin("recording"))
        elif _DOWNLOAD_LINE_START.match(line) and part != "head" and len(line) < 300:
            sorted_lines.downloads.append(SourcePart(line, number))
            part = "tail"
        elif part == "head":
            match = _PUBLICATION_MONTH_LINE.fullmatch(line)
            if match and (month := _iso_month_of(match["month"])):
                if not record.published:
                    record.published = month
                    record.origins.append(Origin("published", number, *match.span("month")))
            elif line != record.title:
                sorted_lines.left.append(SourcePart(line, number))
        else:
            getattr(sorted_lines, part).append(SourcePart(line, number))
    return sorted_lines


def _is_label_or_heading(line):
    return any(
        pattern.fullmatch(line)
        for pattern in (
            _PEOPLE_LINE,
            _DATE_LINE,
            _PROJECT_LINE,
            _SUMMARY_HEADING,
            _RECORDING_HEADING,
            _COMMENTS_HEADING,
        )
    )


def _iso_month_of(text: str) -> str:
    """Return "2019-11" for "November 2019", "" for anything but a month."""
    try:
        first, last = read_period(text)
    except UnreadableDateError:
        return ""
    is_month = (first.year, first.month) == (last.year, last.month) and first != last
    return f"{first.year:04}-{first.month:02}" if is_month else ""


def _read_dates(lines, record):
    for part in lines.day:
        reason = "The page has a second date"
        first = last = None
        try:
            first, last = read_days(part.text)
            last = last if last != first else None
        except WrongWeekdayError as error:
            first, last = error.span
            last = last if last != first else None
            _add_remark_and_guess(record, f"The weekday does not fit the date: {error.reason}.")
        except AmbiguousDateError as error:
            reason = f"The date can mean {' or '.join(map(long_date, error.readings))}"
        except UnreadableDateError:
            reason = "The date was not understood"
        if first is not None and record.date is None:
            record.date, record.date_end = first, last
            record.origins.append(part.origin("date"))
        elif first is None or (first, last) != (record.date, record.date_end):
            record.remains.append(f"Date: {part.text}")
            record.remarks.append(f"{reason}: {part.text}")
            record.origins.append(part.origin("remains"))
    if record.date is None and not lines.day:
        record.remarks.append("The page has no date.")


def _add_remark_and_guess(record, said):
    record.remarks.append(said)
    record.guesses.append(said)


def _read_recording_contact(lines, record):
    for part in lines.recording:
        emails = list(_EMAIL_ADDRESS.finditer(part.text))
        if emails and record.contact_email is None:
            record.contact_email = emails[0][0].rstrip(".'-")
            start = emails[0].start()
            record.origins.append(part.origin("contact", start, start + len(record.contact_email)))
        is_access = re.search(
            r"\b(?:access|recording|audio|e-?mail|contact|request)\b", part.text, re.I
        )
        if not is_access and not _WEB_ADDRESS.search(part.text):
            record.remains.append(part.text)
            record.origins.append(part.origin("remains"))
        elif len(emails) > 1:
            further = ", ".join(match[0] for match in emails[1:])
            record.remarks.append(f"Further addresses for the recording: {further}")
            record.remains.append(part.text)
            record.origins.append(part.origin("remains"))


def _read_links(lines, hrefs, record):
    def add(label, url, part, *span):
        record.origins.append(part.origin(f"link-{len(record.links)}", *span))
        record.links.append(SourceLink(label, url, link_title(label, url) if url else ""))

    for part in lines.downloads:
        url = hrefs.get(part.text)
        add(part.text, url if url and url.startswith("http") else None, part)
    for part in [*lines.text, *lines.recording, *lines.tail]:
        line = part.text
        addresses = list(_WEB_ADDRESS.finditer(line))
        starts = [start for start, _end in sentence_spans(line)] if addresses else []
        at = 0
        for match in addresses:
            url = _without_trailing_punctuation(match[0])
            before = bisect_right(starts, match.start())
            start = max(at, starts[before - 1] if before else 0)
            end = match.start() + len(url)
            add(_link_label(line[start : match.start()]), url, part, start, end)
            at = end
    for part in lines.tail:
        if not _WEB_ADDRESS.search(part.text):
            record.remains.append(part.text)
            record.origins.append(part.origin("remains"))
    shown = {link.url for link in record.links}
    for words, url in hrefs.items():
        if url.startswith("http") and url not in shown:
            for part in [*lines.text, *lines.recording, *lines.tail]:
                if (at := part.text.find(words)) >= 0:
                    add(words, url, part, at, at + len(words))
                    break


def _link_label(words):
    words = words.strip(" ,;:(<")
    if match := _MARKDOWN_LINK.search(words):
        words = match["words"]
    return re.sub(r"^(?:[,;.]\s*)?and(?:\s+|$)", "", words, flags=re.I).strip(" ,;(")


def _without_trailing_punctuation(address):
    """Return an address without the punctuation of the sentence around it."""
    while address and address[-1] in ".,;:!?’'”\")]":
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _read_series(text, record):
    for part in text:
        if match := _SERIES_NAME_IN_TEXT.search(part.text):
            # Use the last "its": an earlier one refers to something else.
            raw = re.split(r"\bits\s+", match["name"], flags=re.I)[-1]
            name = re.sub(r"^SMA(?:[\s-]+|$)", "", raw.strip())
            start = match.end("name") - len(raw) + raw.index(name)
            end = start + len(name)
            for quote in '“”"„':
                name = name.replace(quote, "")
            name = " ".join(name.split()).strip(" ,’'‘")
            if name:
                record.series = name
                record.origins.append(part.origin("series", start, end))
            return


def _read_recommendations(text, items, record):
    marked = [f"• {part.text}" if part.text in items else part.text for part in text]
    record.recommendations = find_advice(marked, record.speakers)
    for number, advice in enumerate(record.recommendations):
        part = text[advice.paragraph]
        after = max(0, advice.start - len(marked[advice.paragraph]) + len(part.text))
        at = part.text.find(advice.text, after)
        if at >= 0:
            span = at, at + len(advice.text)
            record.origins.append(part.origin(f"recommendation-{number}", *span))
