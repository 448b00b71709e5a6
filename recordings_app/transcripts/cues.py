"""Cues and captions, with what all formats of transcripts have in common: times and markup."""

import html
import re
from dataclasses import dataclass

from django.utils.translation import gettext

MAX_MS = 500 * 3600 * 1000  # a database integer can store up to 596 hours
MAX_NAME_LENGTH = 200  # characters

TIME = r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?"
WORD_TIMING = re.compile(r"<(?:\d+:)?\d+:\d+[.,]\d+>")
# Only known tags: other text in angle brackets is part of the transcript.
_TAG_NAMES = "c|i|b|u|s|v|a|p|em|rt|ruby|lang|font|span|div|strong|small|big|sub|sup"
_TAG = re.compile(
    rf"</?(?:{_TAG_NAMES})(?:\.[^\s<>]*)?/?>"
    r"|<(?:v|lang)(?:\.[^\s<>]*)?\s[^<>]*>"
    rf"|<(?:{_TAG_NAMES})\s[^<>=]*=[^<>]*>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>|\[br\]", re.IGNORECASE)
# Of SubStation and MicroDVD.
_OVERRIDE = re.compile(r"\{\\[a-zA-Z][^{}]*\}|\{[yYcCfFsSoP]:[^{}]*\}")
VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\s][^<>]*)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w*);")
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


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


def milliseconds(hours, minutes, seconds, fraction) -> int | None:
    """Return the time of the groups of TIME; None where it is not a time."""
    if (int(minutes) > 59 and hours) or int(seconds) > 59:
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    time = whole * 1000 + int((fraction or "0")[:3].ljust(3, "0"))
    return time if time <= MAX_MS else None


def _clock(milliseconds):
    seconds = milliseconds // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def clean_line(text):
    """Return the text on one line, without control characters."""
    return " ".join(CONTROL.sub("", text).split())


def out_of_order(number, start, before):
    """Return what is wrong with a line whose time, in milliseconds, is before that above it."""
    return gettext(
        "Line %(number)s: its time %(clock)s is before the one above it, "
        "%(clock_2)s. Put the lines in order."
    ) % {"number": number, "clock": _clock(start), "clock_2": _clock(before)}


def shown_text(lines):
    """Return the text of lines as a viewer sees it, without markup."""
    text = _BREAK.sub(" ", " ".join(lines))
    for markup in (WORD_TIMING, _TAG, _OVERRIDE):
        text = markup.sub("", text)
    return clean_line(unescaped(text))


def unescaped(text):
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
