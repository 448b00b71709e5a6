"""A page of the old site → the record it holds. Pure: text in, record and remarks out.

The format is described with the samples in tests/ingest_app/samples/. Every line of a page ends
up in a field or among the remains, so that nothing is lost.
"""

from __future__ import annotations  # a field is called date, like its type

import re
from dataclasses import asdict, dataclass, field
from datetime import date

from speakers_app.people_line import ParsedPerson, parse_people_line

from .advice import Advice, find_advice, sentence_spans
from .dates import parse_days, parse_month
from .page_text import NotAPageError, PageText, read_page

_MONTH_LINE = re.compile(r"(?P<month>[A-Za-z]{3,9}\.? \d{4})(?: (?:No|\d+) Comments?)?", re.I)
_PEOPLE = re.compile(
    r"(?P<label>speakers?(?:\(s\))?|panel(?:l)?ists?(?:\(s\))?|presenters?(?:\(s\))?|moderators?(?:\(s\))?|"
    r"discussants?|facilitators?)\s*:\s*(?P<people>.*)",
    re.I,
)
_DAY = re.compile(r"(?:date(?:\(s\))?(?: of (?:the )?event)?|event date)\s*:\s*(?P<day>.*)", re.I)
_PROJECT = re.compile(r"associated sma projects?\s*:?\s*(?P<project>.*)", re.I)
_TEXT = re.compile(
    r"(?:speaker|panel) (?:session|series|discussion) (?:preview|summary|abstract|overview)\s*:?",
    re.I,
)
_RECORDING = re.compile(
    r"(?:speaker|panel) (?:session|series|discussion) (?:audio |video )?(?:recordings?|audio|file|audio file)\s*:?",
    re.I,
)
_DOWNLOAD = re.compile(r"downloads?\b", re.I)
_COMMENTS = re.compile(r"(?:\d+ )?comments?|submit a comment|leave a (?:reply|comment)", re.I)
_ADDRESS = re.compile(r"https?://[^\s<>\"”“]+", re.I)
# Bounded, and tried at the start of a word only: or a line costs the square of its length.
_EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}")
_SERIES = re.compile(
    r"\bits\s+(?:own\s+)?(?P<name>(?:(?!\.\s+[A-Z]).){0,150}?)\s*\bSpeaker Series\b", re.I
)
_PRESENTING = re.compile(
    r"\b(?:presented by|presentation by|session (?:with|by|from)|given by|featuring|panel with|with)\s+(?P<people>.{1,1000}?)"
    r",?\s+(?:as (?:a )?part of|for its|in its|on \d|at its)\b",
    re.I | re.S,
)
_FUNCTIONS = {
    "moderator": "moderator",
    "facilitator": "moderator",
    "panel": "panelist",
    "discussant": "panelist",
}
_QUOTES = "“”\"‘’'„"


@dataclass(frozen=True)
class Link:
    label: str
    url: str | None = None


@dataclass
class PageRecord:
    """What one page says; dates are local dates, `published` is "YYYY-MM"."""

    title: str = ""
    published: str | None = None
    date: date | None = None
    date_end: date | None = None
    series: str | None = None
    speakers: list[ParsedPerson] = field(default_factory=list)
    text_names: list[str | None] = field(default_factory=list)
    recommendations: list[Advice] = field(default_factory=list)
    contact_email: str | None = None
    has_recording: bool = False
    links: list[Link] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)  # lines that were not understood
    remarks: list[str] = field(default_factory=list)

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
                    **{name: value or None for name, value in asdict(person).items()},
                    "text_name": text_name,
                }
                for person, text_name in zip(self.speakers, self.text_names, strict=True)
            ],
            "recommendations": [advice.text for advice in self.recommendations],
            "recommendation_details": [asdict(advice) for advice in self.recommendations],
            "contact_email": self.contact_email,
            "links": [asdict(link) for link in self.links],
            "remains": self.remains,
            "remarks": self.remarks,
        }


@dataclass
class _Lines:
    """The lines of a page, sorted by the part they belong to."""

    people: list[tuple[str, str]] = field(default_factory=list)  # (label, line)
    day: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    recording: list[str] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)  # after the downloads
    remains: list[str] = field(default_factory=list)


def read_record(content: bytes | str) -> PageRecord:
    """Return the record of one saved page. Raises NotAPageError if it is no page of this site."""
    return record_of(read_page(content))


def record_of(page: PageText, *, is_session: bool = False) -> PageRecord:
    """Return the record of a page's lines, the first of which is the title.

    Of a page that is known to be a session's, all lines that are nothing else are its text when no
    heading announces one. Raises NotAPageError for any other page with neither speakers nor date
    nor text.
    """
    record = PageRecord(title=page.lines[0], remarks=list(page.remarks))
    lines = _sorted(page.lines[1:], record)
    if is_session and not lines.text:
        lines.text, lines.remains = lines.remains, []
    if not (is_session or lines.people or lines.day or lines.text or record.published):
        raise NotAPageError("No speakers, date or summary were found: this is no session page.")
    _read_day(lines, record)
    _read_people(lines, record)
    record.paragraphs = lines.text
    _read_recording(lines, record)
    _read_links(lines, page.hrefs, record)
    record.series = _series(lines.text)
    marked = [f"• {line}" if line in page.items else line for line in lines.text]
    record.recommendations = find_advice(marked, record.speakers)
    record.text_names = [_text_name(person, " ".join(lines.text)) for person in record.speakers]
    record.remains += lines.remains
    if not record.paragraphs:
        record.remarks.append("The page has no preview or summary.")
    return record


def _sorted(lines, record):
    found = _Lines()
    part = "head"
    pending = ""  # a label whose value stands on the next line
    for line in lines:
        if pending:
            label, pending = pending, ""
            if not _is_label(line):
                {"day": found.day.append, "project": lambda _: None}.get(
                    label, lambda value, of=label: found.people.append((of, value))
                )(line)
                if label == "project" and line.casefold() != "no items found.":
                    found.remains.append(f"Associated SMA Project: {line}")
                continue
        if _COMMENTS.fullmatch(line):
            break
        if match := _PEOPLE.fullmatch(line):
            if match["people"]:
                found.people.append((match["label"], match["people"]))
            else:
                pending = match["label"]
        elif match := _DAY.fullmatch(line):
            if match["day"]:
                found.day.append(match["day"])
            else:
                pending = "day"
        elif match := _PROJECT.fullmatch(line):
            if match["project"] and match["project"].casefold() != "no items found.":
                found.remains.append(line)
            pending = "" if match["project"] else "project"
        elif _TEXT.fullmatch(line):
            part = "text"
        elif _RECORDING.fullmatch(line):
            part = "recording"
            record.has_recording = True
        elif _DOWNLOAD.match(line) and part != "head" and len(line) < 300:
            found.downloads.append(line)
            part = "tail"
        elif part == "head":
            match = _MONTH_LINE.fullmatch(line)
            if match and (month := parse_month(match["month"])):
                record.published = record.published or f"{month[0]:04}-{month[1]:02}"
            elif line != record.title:
                found.remains.append(line)
        else:
            getattr(found, part).append(line)
    return found


def _is_label(line):
    return any(
        pattern.fullmatch(line)
        for pattern in (_PEOPLE, _DAY, _PROJECT, _TEXT, _RECORDING, _COMMENTS)
    )


def _read_day(lines, record):
    for text in lines.day:
        first, last = parse_days(text)
        if first is None:
            record.remains.append(f"Date: {text}")
            record.remarks.append(f"The date was not understood: {text}")
        elif record.date is None:
            record.date, record.date_end = first, last
        elif (first, last) != (record.date, record.date_end):
            record.remains.append(f"Date: {text}")
            record.remarks.append(f"The page has a second date: {text}")
    if record.date is None and not lines.day:
        record.remarks.append("The page has no date.")


def _read_people(lines, record):
    by_function: dict[str, list[str]] = {}
    for label, text in lines.people:
        function = next(
            (value for start, value in _FUNCTIONS.items() if label.casefold().startswith(start)),
            "speaker",
        )
        by_function.setdefault(function, []).append(text)
    for function, candidates in by_function.items():
        # The newer form of a page repeats the line; the one with affiliations counts. A line of
        # other people adds them.
        chosen = max(candidates, key=lambda text: (text.count("(") + text.count("["), len(text)))
        for text in candidates:
            people, remarks = parse_people_line(text, function)
            others = [person for person in people if not _has_word(chosen, person.family)]
            if text != chosen and len(others) < len(people):
                if others:
                    record.remains.append(f"Speakers: {text}")
                    record.remarks.append(f"A repeated line of speakers names others: {text}")
                continue
            known = {(person.family, person.given_or_initial) for person in record.speakers}
            record.speakers += [
                person
                for person in people
                if (person.family, person.given_or_initial) not in known
            ]
            for remark in remarks:
                record.remains.append(f"Speakers: {remark}")
                record.remarks.append(f"Not understood among the speakers: {remark}")
    if not record.speakers and lines.text:
        first = lines.text[0][slice(*sentence_spans(lines.text[0])[0])]
        if match := _PRESENTING.search(first):
            record.speakers, _ = parse_people_line(match["people"])
            if record.speakers:
                record.remarks.append("The speakers were taken from the first sentence.")
    if not record.speakers:
        record.remarks.append("The page names no speakers.")


def _has_word(text, word):
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I) is not None


def _read_recording(lines, record):
    for line in lines.recording:
        emails = _EMAIL.findall(line)
        if emails and record.contact_email is None:
            record.contact_email = emails[0].rstrip(".'-")
        is_access = re.search(
            r"\b(?:access|recording|audio|e-?mail|contact|request)\b", line, re.I
        )
        if not is_access and not _ADDRESS.search(line):
            record.remains.append(line)
        elif len(emails) > 1:
            record.remarks.append(f"Further addresses for the recording: {', '.join(emails[1:])}")
            record.remains.append(line)


def _read_links(lines, hrefs, record):
    for line in lines.downloads:
        url = hrefs.get(line)
        record.links.append(Link(line, url if url and url.startswith("http") else None))
    for line in [*lines.text, *lines.recording, *lines.tail]:
        addresses = list(_ADDRESS.finditer(line))
        if not addresses and line in lines.tail:
            record.remains.append(line)
        at = 0
        for match in addresses:
            url = _without_punctuation(match[0])
            starts = [start for start, _end in sentence_spans(line[: match.start()] + "x")]
            start = max([at, *(each for each in starts if each <= match.start())])
            record.links.append(Link(_label(line[start : match.start()]), url))
            at = match.start() + len(url)
    shown = {link.url for link in record.links}
    for words, url in hrefs.items():
        text = [*lines.text, *lines.recording, *lines.tail]
        if url.startswith("http") and url not in shown and any(words in line for line in text):
            record.links.append(Link(words, url))


def _label(words):
    words = words.strip(" ,;:(")
    return re.sub(r"^(?:[,;.]\s*)?and(?:\s+|$)", "", words, flags=re.I).strip(" ,;(")


def _without_punctuation(address):
    """Return an address without the punctuation of the sentence around it."""
    while address and address[-1] in ".,;:!?’'”\")]":
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _series(paragraphs):
    for paragraph in paragraphs:
        if match := _SERIES.search(paragraph):
            # The nearest "its" counts: an earlier one belongs to something else.
            name = re.split(r"\bits\s+", match["name"], flags=re.I)[-1]
            name = re.sub(r"^SMA(?:[\s-]+|$)", "", name.strip())
            for quote in '“”"„':
                name = name.replace(quote, "")
            name = " ".join(name.split()).strip(" ,’'‘")
            return name or None
    return None


_HONORIFIC_WORD = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Professor|Amb|Ambassador|Gen|General|Col|Colonel|Adm|Admiral|Capt|Captain|"
    r"Maj|Major|Lt|LTC|COL|GEN|LTG|RADM|VADM|ADM|CAPT|CDR|MAJ|Brig|Brigadier|Sir|Dame|Senator)\.?"
)


def _text_name(person, text):
    """Return what the text calls a person when that says more than the line of people."""
    for match in re.finditer(rf"(?<!\w){re.escape(person.family)}(?:,? (?:Jr|Sr)\.)?(?!\w)", text):
        words = text[: match.start()].split()[-6:]
        given, honorific = [], []
        while words and len(given) < 3 and words[-1][0].isupper() and _is_name_word(words[-1]):
            given.insert(0, words.pop())
        while words and _HONORIFIC_WORD.fullmatch(words[-1]):
            honorific.insert(0, words.pop())
        initial = person.given_or_initial[:1].casefold()
        if given and initial and given[0][0].casefold() != initial:
            continue
        if not given and not honorific:
            continue
        says_more = len(" ".join(given).strip(".")) > len(person.given_or_initial.strip("."))
        is_other = bool(honorific) and " ".join(honorific) != person.honorific
        return " ".join([*honorific, *given, match[0]]) if says_more or is_other else None
    return None


def _is_name_word(word):
    return not _HONORIFIC_WORD.fullmatch(word) and word[-1] not in ",;:)"
