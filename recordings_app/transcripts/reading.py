"""Transcripts as people have them: WebVTT, SRT and plain text, read with tolerance.

Pure: text in, cues out. What cannot be read is named with its line; what is merely untidy is
mended. Sources: W3C WebVTT (section 6, parsing), the SubRip format as players read it.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError

LARGEST = 5 * 1024 * 1024  # bytes; a day of talk has some 800 KB
MOST_CUES = 50_000
MOST_ERRORS = 10
LONGEST_MS = 100 * 3600 * 1000

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_LEADING_TIME = re.compile(rf"[\[(]?{_TIME}[\])]?\s*[-–—:]?\s+(?=\S)")
_TAG = re.compile(r"<[^>]*>")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_NAME = re.compile(r"([^\W\d_][\w.'’()-]*(?: [\w.'’()-]+){0,5}):\s+(?=\S)")
_SKIPPED = ("NOTE", "STYLE", "REGION")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Cue:
    """Times in milliseconds from the start; both None in plain text without times."""

    start_ms: int | None
    end_ms: int | None
    voice: str
    text: str


def decode(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or Windows-1252 as old subtitles are.

    Raises ValidationError for what is no text.
    """
    if len(content) > LARGEST:
        raise ValidationError("This file is too large for a transcript: at most 5 MB.")
    encodings = ["utf-8-sig", "cp1252"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            break
        return text
    raise ValidationError("This is no text file.")


def read_transcript(text: str) -> list[Cue]:
    """Return the cues of a WebVTT, SRT or plain text; which of them it is, the text tells.

    Raises ValidationError naming up to ten lines that cannot be read.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[0].startswith("WEBVTT"):
        cues = _timed(lines[1:], first_line=2, is_vtt=True)
    elif any("-->" in line and _TIMING.fullmatch(line) for line in lines[:200]):
        cues = _with_names(_timed(lines, first_line=1, is_vtt=False))
    else:
        cues = _with_names(_plain(text))
    if not cues:
        raise ValidationError("There is no text in this transcript.")
    if len(cues) > MOST_CUES:
        raise ValidationError(f"These are {len(cues)} cues; at most {MOST_CUES} are kept.")
    return cues


def _milliseconds(hours, minutes, seconds, fraction) -> int | None:
    if (int(minutes) > 59 and hours) or int(seconds) > 59:
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    time = whole * 1000 + int((fraction or "0").ljust(3, "0"))
    return time if time <= LONGEST_MS else None


# --- WebVTT and SRT -------------------------------------------------------------------------------


def _blocks(lines, first_line):
    """Yield (number of its first line, lines) of each block between blank lines."""
    block, start = [], first_line
    for number, line in enumerate([*lines, ""], start=first_line):
        if line.strip():
            if not block:
                start = number
            block.append(line)
        elif block:
            yield start, block
            block = []


def _timed(lines, *, first_line, is_vtt):
    cues, errors = [], []
    for number, block in _blocks(lines, first_line):
        if is_vtt and block[0].split(" ")[0].rstrip(":") in _SKIPPED and "-->" not in block[0]:
            continue
        at = next((place for place, line in enumerate(block[:3]) if "-->" in line), None)
        if at is None:
            if cues and not (len(block) == 1 and block[0].strip().isdigit()):
                # Subtitle programs put blank lines into a cue; it goes on here.
                cues[-1] = replace(cues[-1], text=_line(f"{cues[-1].text} {_plain_of(block)}"))
            elif not is_vtt or len(block) > 1 or not block[0].startswith(("Kind:", "Language:")):
                errors.append(
                    f"Line {number}: a cue needs its times first, not “{block[0][:60]}”."
                )
            continue
        span = _span(block[at])
        if span is None:
            errors.append(
                f"Line {number + at}: the times “{block[at].strip()[:60]}” make no sense."
            )
            continue
        cues += _cues_of(span, "\n".join(block[at + 1 :]))
        if len(errors) >= MOST_ERRORS:
            break
    if errors:
        raise ValidationError(errors[:MOST_ERRORS])
    return cues


def _span(line):
    match = _TIMING.fullmatch(line)
    if not match:
        return None
    start, end = _milliseconds(*match.groups()[:4]), _milliseconds(*match.groups()[4:8])
    if start is None or end is None:
        return None
    return start, max(end, start + 1)  # an end before the start shows nothing in any player


def _cues_of(span, payload):
    """Return a cue for each voice of a payload, all with the same times."""
    parts = _VOICE.split(payload)
    pairs = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    return [
        Cue(*span, voice=_line(html.unescape(voice))[:200], text=text)
        for voice, raw in pairs
        if (text := _plain_of([raw]))
    ]


def _plain_of(lines):
    return _line(html.unescape(_TAG.sub("", " ".join(lines))))


def _line(text):
    return " ".join(_CONTROL.sub("", text).split())


# --- plain text -----------------------------------------------------------------------------------


def _plain(text):
    """Return a cue for each paragraph; a paragraph may begin with its time, as in "[12:30] …"."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        paragraph = _line(paragraph)
        match = _LEADING_TIME.match(paragraph)
        start = _milliseconds(*match.groups()) if match else None
        if start is not None:
            paragraph = paragraph[match.end() :]
        if paragraph:
            found.append(Cue(start, None, "", paragraph))
    return _ended(found)


def _ended(cues):
    """Let each timed paragraph last until the next one, the last for as long as it takes to say."""
    starts = [cue.start_ms for cue in cues if cue.start_ms is not None]
    if not starts or starts != sorted(starts):
        return [replace(cue, start_ms=None, end_ms=None) for cue in cues]
    following = iter([*starts[1:], None])
    ended = []
    for cue in cues:
        if cue.start_ms is not None:
            end = next(following) or cue.start_ms + 400 * len(cue.text.split())
            cue = replace(cue, end_ms=max(end, cue.start_ms + 1))
        ended.append(cue)
    return ended


def _with_names(cues):
    """Take "Dr. Abara: …" for a voice when that name begins at least two cues; once it is text."""
    begins = [_NAME.match(cue.text) if not cue.voice else None for cue in cues]
    counts = Counter(match[1] for match in begins if match)
    return [
        replace(cue, voice=match[1][:200], text=cue.text[match.end() :])
        if match and counts[match[1]] > 1
        else cue
        for cue, match in zip(cues, begins, strict=True)
    ]
