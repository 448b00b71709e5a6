"""Transcripts as people have them: WebVTT, SRT, SBV and plain text, read with tolerance.

Pure: text in, cues out. Every word that was said ends up in a cue. What cannot be read is refused
with the number of its line; what is merely untidy is put right.
"""

import re
from collections import Counter
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from .captions import (
    ARROW_TIMES_LINE,
    MAX_REPORTED_ERRORS,
    SBV_TIMES_LINE,
    CaptionReader,
    is_webvtt_signature,
)
from .cues import CONTROL_CHARACTER, MAX_VOICE_NAME_CHARACTERS, Cue
from .paragraphs import NAME_PATTERN, read_paragraphs

MAX_TRANSCRIPT_BYTES = 5 * 1024 * 1024  # a full day of speech has about 800 KB
MAX_CUES = 50_000
_NAME_AND_COLON_AT_START = re.compile(rf"({NAME_PATTERN}):\s+(?=\S)")


def decode_transcript(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or Windows-1252 as old subtitles are.

    Raises ValidationError for what is not text.
    """
    if len(content) > MAX_TRANSCRIPT_BYTES:
        raise ValidationError(gettext("This file is too large for a transcript: at most 5 MB."))
    encodings = ["utf-8-sig", "cp1252"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if CONTROL_CHARACTER.search(text):
            break
        return text
    raise ValidationError(gettext("This is not a text file."))


def read_transcript(text: str) -> list[Cue]:
    """Return the cues of a WebVTT, SRT, SBV or plain text; the format is detected.

    Raises ValidationError naming up to ten lines that cannot be read.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    errors: list[str] = []
    if is_webvtt_signature(first):
        cues = CaptionReader(ARROW_TIMES_LINE, is_vtt=True).read_cues(lines, errors)
    elif SBV_TIMES_LINE.fullmatch(first):
        cues = CaptionReader(SBV_TIMES_LINE, is_vtt=False).read_cues(lines, errors)
    elif any("-->" in line and ARROW_TIMES_LINE.fullmatch(line) for line in lines[:200]):
        cues = CaptionReader(ARROW_TIMES_LINE, is_vtt=False).read_cues(lines, errors)
    else:
        cues = read_paragraphs(lines, errors)
    if errors:
        raise ValidationError(errors[:MAX_REPORTED_ERRORS])
    if not cues:
        raise ValidationError(gettext("There is no text in this transcript."))
    if len(cues) > MAX_CUES:
        raise ValidationError(
            gettext("These are %(number)s cues; at most %(max_cues)s are kept.")
            % {"number": len(cues), "max_cues": MAX_CUES}
        )
    return _move_speaker_names_to_voices(cues)


def _move_speaker_names_to_voices(cues):
    """Read "Dr. Abara: …" as a speaker if the name begins at least two cues; otherwise as text."""
    begins = [_NAME_AND_COLON_AT_START.match(cue.text) if not cue.voice else None for cue in cues]
    counts = Counter(match[1] for match in begins if match)
    return [
        replace(cue, voice=match[1][:MAX_VOICE_NAME_CHARACTERS], text=cue.text[match.end() :])
        if match and counts[match[1]] > 1
        else cue
        for cue, match in zip(cues, begins, strict=True)
    ]
