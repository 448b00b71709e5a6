"""Transcripts as plain text: paragraphs, which may begin with a time and a name."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext

from .cues import (
    MAX_VOICE_NAME_CHARACTERS,
    TIME_PATTERN,
    Cue,
    clean_to_one_line,
    milliseconds_of_time_groups,
    out_of_order_message,
)

NAME_PATTERN = r"[^\W\d_][\w.'’()-]*(?: [\w.'’()-]+){0,5}"
_NAMED_LINE = re.compile(rf"\s*({NAME_PATTERN}):(?:\s|$)")
_TIME_RANGE_PATTERN = rf"{TIME_PATTERN}(?:\s*(?:-->|[-–—])\s*{TIME_PATTERN})?"
_TIME_IN_BRACKETS = re.compile(
    rf"\s*[\[(]\s*{_TIME_RANGE_PATTERN}\s*[\])](?:\s*[-–—:](?=\s|$))?\s*"
)
_BARE_TIME = re.compile(rf"\s*{_TIME_RANGE_PATTERN}\s*[-–—:]?(?:\s+|$)")
# In a sentence that ends with a time, the words before it rarely begin with capitals.
_CAPITALISED_NAME_PATTERN = (
    r"[^\W\d_a-z][\w.'’()-]*(?: [\w.'’()-]+){0,4}?(?: [^\W_a-z][\w.'’()-]*)?"
)
_NAME_AND_TIME = re.compile(
    rf"\s*({_CAPITALISED_NAME_PATTERN})\s*(?:[\[(]{TIME_PATTERN}[\])](?::\s*|\s*$)|\s{TIME_PATTERN}\s*$)"
)


@dataclass
class _Paragraph:
    """`number` is that of its first line; `end_ms` only where the text itself gives it."""

    number: int
    start_ms: int | None
    end_ms: int | None
    voice: str
    text: str


def read_paragraphs(lines, errors):
    """Return a cue for each paragraph; a paragraph may begin with its time, as in "[12:30] …".

    A new one begins after a blank line, with a time, and with the name of somebody who speaks more
    than once.
    """
    paragraphs = _split_into_paragraphs(lines)
    timed = [paragraph for paragraph in paragraphs if paragraph.start_ms is not None]
    for before, now in pairwise(timed):
        if now.start_ms < before.start_ms:
            errors.append(out_of_order_message(now.number, now.start_ms, before.start_ms))
    for paragraph in timed:
        if paragraph.end_ms is not None and paragraph.end_ms < paragraph.start_ms:
            errors.append(
                gettext("Line %(number)s: its second time is before its first.")
                % {"number": paragraph.number}
            )
    if not timed or errors:
        return [
            Cue(None, None, paragraph.voice, paragraph.text)
            for paragraph in paragraphs
            if paragraph.text
        ]
    return _cues_with_estimated_times(paragraphs)


def _split_into_paragraphs(lines):
    counts_bare = _is_usual_time_form(_BARE_TIME, lines)
    counts_named = _is_usual_time_form(_NAME_AND_TIME, lines)
    names = Counter(
        match[1]
        for line in lines
        if (match := _NAMED_LINE.match(_split_off_time(line, counts_bare)[2]))
    )
    paragraphs, is_new = [], True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            is_new = True
            continue
        start, end, rest = _split_off_time(line, counts_bare)
        voice = ""
        if start is None and counts_named and (match := _NAME_AND_TIME.match(line)):
            start = milliseconds_of_time_groups(*match.groups()[1 if match[3] else 5 :][:4])
            if start is not None:
                voice, rest = match[1], line[match.end() :]
        named = _NAMED_LINE.match(rest)
        if is_new or start is not None or (named and names[named[1]] > 1):
            paragraphs.append(
                _Paragraph(
                    number, start, end, voice[:MAX_VOICE_NAME_CHARACTERS], clean_to_one_line(rest)
                )
            )
        else:
            paragraphs[-1].text = clean_to_one_line(f"{paragraphs[-1].text} {rest}")
        is_new = False
    return _join_times_on_own_lines(paragraphs)


def _join_times_on_own_lines(paragraphs):
    """Give a time on a line of its own to the paragraph after it."""
    joined: list[_Paragraph] = []
    for paragraph in paragraphs:
        before = joined[-1] if joined else None
        if before and not before.text and paragraph.start_ms is None:
            before.text = paragraph.text
        else:
            joined.append(paragraph)
    return [paragraph for paragraph in joined if paragraph.text]


def _split_off_time(line, counts_bare):
    """Return (start, end, rest) of a line; the rest is the line where it begins with no time."""
    match = _TIME_IN_BRACKETS.match(line) or (_BARE_TIME.match(line) if counts_bare else None)
    start = milliseconds_of_time_groups(*match.groups()[:4]) if match else None
    if match is None or start is None:
        return None, None, line
    end = milliseconds_of_time_groups(*match.groups()[4:8]) if match[6] else None
    return start, end, line[match.end() :]


def _is_usual_time_form(form, lines):
    """Return whether lines of this form are times.

    Somebody may begin a sentence with "10:30 is when it starts"; where half of the paragraphs
    begin so, and more than one line does, it is meant as a time.
    """
    begins = [
        line
        for at, line in enumerate(lines)
        if line.strip() and (not at or not lines[at - 1].strip())
    ]
    beginning = sum(form.match(line) is not None for line in begins)
    return 2 * beginning >= len(begins) and sum(form.match(line) is not None for line in lines) > 1


def _cues_with_estimated_times(paragraphs):
    """Return cues with times for all paragraphs, of which some have one.

    Each lasts until the next time, the last as long as it takes to say. Those without a time share
    that of the paragraph before; what comes before the first time begins at zero.
    """
    groups: list[tuple[int, list[_Paragraph]]] = []
    for paragraph in paragraphs:
        # Text before a first time of zero gets that time.
        if not groups or (paragraph.start_ms is not None and paragraph.start_ms > groups[-1][0]):
            groups.append((paragraph.start_ms or 0, []))
        groups[-1][1].append(paragraph)
    cues = []
    for at, (start, together) in enumerate(groups):
        if at + 1 < len(groups):
            end = groups[at + 1][0]
        else:
            end = start + 400 * sum(len(paragraph.text.split()) for paragraph in together)
        for paragraph in together:
            own_end = end if paragraph.end_ms is None else max(paragraph.end_ms, start + 1)
            cues.append(Cue(start, own_end, paragraph.voice, paragraph.text))
    return cues
