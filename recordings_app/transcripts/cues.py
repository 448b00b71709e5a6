"""Cues and captions, with what all formats of transcripts have in common: times and markup."""

import html
import re
from dataclasses import dataclass

from django.utils.translation import gettext

MAX_TIME_MS = 500 * 3600 * 1000  # a database integer can store up to 596 hours
MAX_VOICE_NAME_CHARACTERS = 200  # characters

TIME_PATTERN = r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?"
WORD_TIMING_TAG = re.compile(r"<(?:\d+:)?\d+:\d+[.,]\d+>")
# Only known tags: other text in angle brackets is part of the transcript.
_TAG_NAMES = "c|i|b|u|s|v|a|p|em|rt|ruby|lang|font|span|div|strong|small|big|sub|sup"
_MARKUP_TAG = re.compile(
    rf"</?(?:{_TAG_NAMES})(?:\.[^\s<>]*)?/?>"
    r"|<(?:v|lang)(?:\.[^\s<>]*)?\s[^<>]*>"
    rf"|<(?:{_TAG_NAMES})\s[^<>=]*=[^<>]*>",
    re.IGNORECASE,
)
_LINE_BREAK_TAG = re.compile(r"<br\s*/?>|\[br\]", re.IGNORECASE)
# Of SubStation and MicroDVD.
_STYLE_OVERRIDE_CODE = re.compile(r"\{\\[a-zA-Z][^{}]*\}|\{[yYcCfFsSoP]:[^{}]*\}")
VOICE_TAG = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\s][^<>]*)>")
_HTML_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w*);")
CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Cue:
    """Times in milliseconds from the start; both None in plain text without times."""

    start_ms: int | None
    end_ms: int | None
    voice: str
    text: str


@dataclass
class Caption:
    """One cue as written in the file: number of the line of its times, and lines of text."""

    number: int
    start_ms: int
    end_ms: int
    lines: list[str]


def milliseconds_of_time_groups(hours, minutes, seconds, fraction) -> int | None:
    """Return the time of the groups of TIME_PATTERN; None where it is not a time."""
    if (int(minutes) > 59 and hours) or int(seconds) > 59:
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    time = whole * 1000 + int((fraction or "0")[:3].ljust(3, "0"))
    return time if time <= MAX_TIME_MS else None


def _time_text(milliseconds):
    seconds = milliseconds // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def clean_to_one_line(text):
    """Return the text on one line, without control characters."""
    return " ".join(CONTROL_CHARACTER.sub("", text).split())


def out_of_order_message(number, start, before):
    """Return what is wrong with a line whose time, in milliseconds, is before that above it."""
    return gettext(
        "Line %(number)s: its time %(clock)s is before the one above it, "
        "%(clock_2)s. Put the lines in order."
    ) % {"number": number, "clock": _time_text(start), "clock_2": _time_text(before)}


def text_without_markup(lines):
    """Return the text of lines as a viewer sees it, without markup."""
    text = _LINE_BREAK_TAG.sub(" ", " ".join(lines))
    for markup in (WORD_TIMING_TAG, _MARKUP_TAG, _STYLE_OVERRIDE_CODE):
        text = markup.sub("", text)
    return clean_to_one_line(unescape_entities(text))


def unescape_entities(text):
    return _HTML_ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
