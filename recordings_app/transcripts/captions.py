"""Captions in WebVTT, SRT and SBV.

Sources: W3C WebVTT (section 6, parsing), RFC 8216 section 3.5 (WebVTT in HLS), the SubRip and SBV
formats as players read them.
"""

import re

from .cues import (
    MAX_TIME_MS,
    MAX_VOICE_NAME_CHARACTERS,
    TIME_PATTERN,
    VOICE_TAG,
    Caption,
    Cue,
    clean_to_one_line,
    milliseconds_of_time_groups,
    out_of_order_message,
    text_without_markup,
    unescape_entities,
)
from .rolling_captions import (
    repeats_earlier_lines,
    repeats_earlier_words,
    without_repeated_lines,
    without_repeated_words,
)

MAX_REPORTED_ERRORS = 10
ARROW_TIMES_LINE = re.compile(rf"\s*{TIME_PATTERN}\s*-->\s*{TIME_PATTERN}(?:\s+(.*))?")
SBV_TIMES_LINE = re.compile(rf"\s*{TIME_PATTERN},{TIME_PATTERN}\s*()")
_VALID_OR_INVALID_SBV_TIMES = re.compile(r"\s*[\d.]*:[\d:.]+,[\d.]*:[\d:.]+\s*")
_LIKE_A_TIME = re.compile(r"\d\s*:\s*\d")
_CUE_SETTING = re.compile(
    r"(?:align|position|line|size|vertical|region|[XY][12]|[ADLSTP]):\S+", re.IGNORECASE
)
_TIMESTAMP_MAP = re.compile(r"X-TIMESTAMP-MAP=(.*)")
_METADATA_LINE = re.compile(r"[A-Za-z][\w -]*[:=]")
_CSS_START = re.compile(r"::cue|/\*|[#.\w*:() -]+\{")


def is_webvtt_signature(line) -> bool:
    """Return whether a WebVTT file begins with this line."""
    return re.match(r"\s*WEBVTT(?:\s|$)", line.removeprefix("\ufeff")) is not None


class CaptionReader:
    """Reads a file line by line: a cue lasts until the next times, blank lines or not."""

    def __init__(self, times, *, is_vtt):
        self.times = times
        self.is_vtt = is_vtt
        self.shift_ms = 0  # from X-TIMESTAMP-MAP
        self.captions = []
        self.errors = []
        self.follows_error = False  # text after rejected times is not reported again

    def read_cues(self, lines, errors) -> list[Cue]:
        self.lines = lines
        self.errors = errors
        place = 0
        while place < len(lines) and len(errors) < MAX_REPORTED_ERRORS:
            place = self._read_block(place)
        if errors:
            return []
        if repeats_earlier_words(self.captions):
            self.captions = without_repeated_words(self.captions)
        elif repeats_earlier_lines(self.captions):
            self.captions = without_repeated_lines(self.captions)
        cues = []
        for caption in self.captions:
            cues += _cue_for_each_voice(
                (caption.start_ms, caption.end_ms), "\n".join(caption.lines)
            )
        # Concatenated stream segments repeat the cue at their border.
        return [cue for at, cue in enumerate(cues) if not at or cue != cues[at - 1]]

    def _read_block(self, place):
        """Read the block at a line; return the number of the next line to read."""
        line = self.lines[place]
        after_blank = place == 0 or not self.lines[place - 1].strip()
        if not line.strip():
            return place + 1
        if self._is_times_line(line):
            self._begin_caption(place)
            return place + 1
        if (
            self.is_vtt
            and is_webvtt_signature(line)
            and (not self.captions or line.strip() == "WEBVTT")
        ):
            return self._read_header(place + 1)
        if self.is_vtt and not self.captions and re.match(r"(?:Kind|Language):", line):
            return place + 1
        if self.is_vtt and after_blank and self._begins_comment_style_or_region(place):
            return self._place_after_comment_style_or_region(place)
        if self._is_cue_identifier(place, after_blank):
            return place + 1
        if self.follows_error:
            return place + 1
        if self.captions:
            self.captions[-1].lines.append(line)
        else:
            self.errors.append(
                f"Line {place + 1}: a cue needs its times first, not “{line.strip()[:60]}”."
            )
            # One message for consecutive lines.
            while place < len(self.lines) and self.lines[place].strip():
                place += 1
        return place + 1

    def _is_times_line(self, line):
        """Times, be they right or wrong; an arrow between words is text."""
        if self.times is SBV_TIMES_LINE:
            return _VALID_OR_INVALID_SBV_TIMES.fullmatch(line) is not None
        return "-->" in line and _LIKE_A_TIME.search(line) is not None

    def _begin_caption(self, place):
        known = len(self.errors)
        self._add_caption(place)
        self.follows_error = len(self.errors) > known

    def _add_caption(self, place):
        line = self.lines[place]
        match = self.times.fullmatch(line)
        start = match and milliseconds_of_time_groups(*match.groups()[:4])
        end = match and milliseconds_of_time_groups(*match.groups()[4:8])
        if start is None or end is None:
            self.errors.append(f"Line {place + 1}: the times “{line.strip()[:60]}” are not valid.")
            return
        start, end = start + self.shift_ms, end + self.shift_ms
        if start < 0:
            self.errors.append(
                f"Line {place + 1}: X-TIMESTAMP-MAP puts this cue before the recording begins."
            )
        elif end > MAX_TIME_MS:
            self.errors.append(f"Line {place + 1}: X-TIMESTAMP-MAP puts this cue too late.")
        elif self.captions and start < self.captions[-1].start_ms:
            self.errors.append(out_of_order_message(place + 1, start, self.captions[-1].start_ms))
        else:
            # Players do not show a cue that ends before it starts.
            caption = Caption(place + 1, start, max(end, start + 1), [])
            words = (match[9] or "").split()
            if text := " ".join(word for word in words if not _CUE_SETTING.fullmatch(word)):
                caption.lines.append(text)
            self.captions.append(caption)

    def _read_header(self, place):
        """Read the lines below the signature: metadata, until a blank line or the first cue."""
        self.shift_ms = 0
        is_style = False
        while place < len(self.lines) and (line := self.lines[place]).strip():
            if self._is_times_line(line):
                return place
            if match := _TIMESTAMP_MAP.fullmatch(line.strip()):
                self._set_time_shift(place, match[1])
            elif line.strip().rstrip(":").casefold() == "style":
                is_style = True  # without a blank line, as one platform writes it
            elif not (
                is_style
                or _METADATA_LINE.match(line)
                or self._begins_comment_style_or_region(place)
            ):
                is_name = self._is_cue_identifier(place, after_blank=True)
                return place + 1 if is_name else place
            place += 1
        return place

    def _set_time_shift(self, place, values):
        """Source: RFC 8216, section 3.5: LOCAL is the cue time that is MPEGTS / 90,000 seconds."""
        parts = dict(part.strip().split(":", 1) for part in values.split(",") if ":" in part)
        local = re.fullmatch(TIME_PATTERN, parts.get("LOCAL", "").strip())
        ticks = parts.get("MPEGTS", "").strip()
        local_ms = local and milliseconds_of_time_groups(*local.groups())
        if local_ms is None or not re.fullmatch(r"[0-9]{1,12}", ticks):
            self.errors.append(
                f"Line {place + 1}: X-TIMESTAMP-MAP needs MPEGTS and LOCAL, such as "
                "“MPEGTS:900000,LOCAL:00:00:00.000”."
            )
            return
        self.shift_ms = round(int(ticks) / 90) - local_ms

    def _begins_comment_style_or_region(self, place):
        """Return whether a comment, style or region begins here, rather than a cue going on."""
        line = self.lines[place]
        if re.match(r"NOTE(?:\s|$)", line):
            return True
        following = self.lines[place + 1] if place + 1 < len(self.lines) else ""
        match line.strip().rstrip(":"):
            case "STYLE":
                return not self.captions or _CSS_START.match(following.strip()) is not None
            case "REGION":
                return not self.captions or re.match(r"\s*id\s*[:=]", following) is not None
        return False

    def _place_after_comment_style_or_region(self, place):
        while place < len(self.lines) and self.lines[place].strip():
            if self._is_times_line(self.lines[place]):
                return place
            place += 1
        return place

    def _is_cue_identifier(self, place, after_blank):
        """Return whether a line is the name or number of a cue: its times follow at once.

        A number counts if it continues the sequence; a name only in WebVTT, after a blank line.
        """
        line = self.lines[place].strip()
        following = self.lines[place + 1] if place + 1 < len(self.lines) else ""
        counts_on = line.isdecimal() and len(line) < 10 and int(line) == len(self.captions) + 1
        if not self._is_times_line(following):
            # The number of a cue whose text is missing.
            return counts_on and after_blank and not following.strip()
        return (after_blank and (self.is_vtt or line.isdecimal())) or counts_on


def _cue_for_each_voice(span, payload):
    """Return a cue for each voice of a payload, all with the same times."""
    parts = VOICE_TAG.split(payload)
    pairs = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    return [
        Cue(
            span[0],
            span[1],
            voice=clean_to_one_line(unescape_entities(voice))[:MAX_VOICE_NAME_CHARACTERS],
            text=text,
        )
        for voice, raw in pairs
        if (text := text_without_markup([raw]))
    ]
