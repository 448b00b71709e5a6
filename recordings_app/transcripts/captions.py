"""Captions in WebVTT, SRT and SBV.

Sources: W3C WebVTT (section 6, parsing), RFC 8216 section 3.5 (WebVTT in HLS), the SubRip and SBV
formats as players read them.
"""

import re

from .cues import (
    MAX_MS,
    MAX_NAME_LENGTH,
    TIME,
    VOICE,
    Caption,
    Cue,
    clean_line,
    milliseconds,
    out_of_order,
    shown_text,
    unescaped,
)
from .rolling_captions import grown, is_growing, is_rolling, unrolled

MAX_ERRORS = 10
ARROW_TIMES = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s+(.*))?")
SBV_TIMES = re.compile(rf"\s*{TIME},{TIME}\s*()")
_LIKE_SBV_TIMES = re.compile(r"\s*[\d.]*:[\d:.]+,[\d.]*:[\d:.]+\s*")
_LIKE_A_TIME = re.compile(r"\d\s*:\s*\d")
_SETTING = re.compile(
    r"(?:align|position|line|size|vertical|region|[XY][12]|[ADLSTP]):\S+", re.IGNORECASE
)
_TIMESTAMP_MAP = re.compile(r"X-TIMESTAMP-MAP=(.*)")
_METADATA = re.compile(r"[A-Za-z][\w -]*[:=]")
_CSS = re.compile(r"::cue|/\*|[#.\w*:() -]+\{")


def is_signature(line) -> bool:
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

    def read(self, lines, errors) -> list[Cue]:
        self.lines = lines
        self.errors = errors
        place = 0
        while place < len(lines) and len(errors) < MAX_ERRORS:
            place = self._step(place)
        if errors:
            return []
        if is_growing(self.captions):
            self.captions = grown(self.captions)
        elif is_rolling(self.captions):
            self.captions = unrolled(self.captions)
        cues = []
        for caption in self.captions:
            cues += _cues_of((caption.start_ms, caption.end_ms), "\n".join(caption.lines))
        # Concatenated stream segments repeat the cue at their border.
        return [cue for at, cue in enumerate(cues) if not at or cue != cues[at - 1]]

    def _step(self, place):
        """Read the block at a line; return the number of the next line to read."""
        line = self.lines[place]
        after_blank = place == 0 or not self.lines[place - 1].strip()
        if not line.strip():
            return place + 1
        if self._is_times(line):
            self._begin(place)
            return place + 1
        if self.is_vtt and is_signature(line) and (not self.captions or line.strip() == "WEBVTT"):
            return self._header(place + 1)
        if self.is_vtt and not self.captions and re.match(r"(?:Kind|Language):", line):
            return place + 1
        if self.is_vtt and after_blank and self._is_aside(place):
            return self._past_aside(place)
        if self._is_identifier(place, after_blank):
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

    def _is_times(self, line):
        """Times, be they right or wrong; an arrow between words is text."""
        if self.times is SBV_TIMES:
            return _LIKE_SBV_TIMES.fullmatch(line) is not None
        return "-->" in line and _LIKE_A_TIME.search(line) is not None

    def _begin(self, place):
        known = len(self.errors)
        self._add_caption(place)
        self.follows_error = len(self.errors) > known

    def _add_caption(self, place):
        line = self.lines[place]
        match = self.times.fullmatch(line)
        start = match and milliseconds(*match.groups()[:4])
        end = match and milliseconds(*match.groups()[4:8])
        if start is None or end is None:
            self.errors.append(f"Line {place + 1}: the times “{line.strip()[:60]}” are not valid.")
            return
        start, end = start + self.shift_ms, end + self.shift_ms
        if start < 0:
            self.errors.append(
                f"Line {place + 1}: X-TIMESTAMP-MAP puts this cue before the recording begins."
            )
        elif end > MAX_MS:
            self.errors.append(f"Line {place + 1}: X-TIMESTAMP-MAP puts this cue too late.")
        elif self.captions and start < self.captions[-1].start_ms:
            self.errors.append(out_of_order(place + 1, start, self.captions[-1].start_ms))
        else:
            # Players do not show a cue that ends before it starts.
            caption = Caption(place + 1, start, max(end, start + 1), [])
            words = (match[9] or "").split()
            if text := " ".join(word for word in words if not _SETTING.fullmatch(word)):
                caption.lines.append(text)
            self.captions.append(caption)

    def _header(self, place):
        """Read the lines below the signature: metadata, until a blank line or the first cue."""
        self.shift_ms = 0
        is_style = False
        while place < len(self.lines) and (line := self.lines[place]).strip():
            if self._is_times(line):
                return place
            if match := _TIMESTAMP_MAP.fullmatch(line.strip()):
                self._map_time(place, match[1])
            elif line.strip().rstrip(":").casefold() == "style":
                is_style = True  # without a blank line, as one platform writes it
            elif not (is_style or _METADATA.match(line) or self._is_aside(place)):
                is_name = self._is_identifier(place, after_blank=True)
                return place + 1 if is_name else place
            place += 1
        return place

    def _map_time(self, place, values):
        """Source: RFC 8216, section 3.5: LOCAL is the cue time that is MPEGTS / 90,000 seconds."""
        parts = dict(part.strip().split(":", 1) for part in values.split(",") if ":" in part)
        local = re.fullmatch(TIME, parts.get("LOCAL", "").strip())
        ticks = parts.get("MPEGTS", "").strip()
        local_ms = local and milliseconds(*local.groups())
        if local_ms is None or not re.fullmatch(r"[0-9]{1,12}", ticks):
            self.errors.append(
                f"Line {place + 1}: X-TIMESTAMP-MAP needs MPEGTS and LOCAL, such as "
                "“MPEGTS:900000,LOCAL:00:00:00.000”."
            )
            return
        self.shift_ms = round(int(ticks) / 90) - local_ms

    def _is_aside(self, place):
        """Return whether a comment, style or region begins here, rather than a cue going on."""
        line = self.lines[place]
        if re.match(r"NOTE(?:\s|$)", line):
            return True
        following = self.lines[place + 1] if place + 1 < len(self.lines) else ""
        match line.strip().rstrip(":"):
            case "STYLE":
                return not self.captions or _CSS.match(following.strip()) is not None
            case "REGION":
                return not self.captions or re.match(r"\s*id\s*[:=]", following) is not None
        return False

    def _past_aside(self, place):
        while place < len(self.lines) and self.lines[place].strip():
            if self._is_times(self.lines[place]):
                return place
            place += 1
        return place

    def _is_identifier(self, place, after_blank):
        """Return whether a line is the name or number of a cue: its times follow at once.

        A number counts if it continues the sequence; a name only in WebVTT, after a blank line.
        """
        line = self.lines[place].strip()
        following = self.lines[place + 1] if place + 1 < len(self.lines) else ""
        counts_on = line.isdecimal() and len(line) < 10 and int(line) == len(self.captions) + 1
        if not self._is_times(following):
            # The number of a cue whose text is missing.
            return counts_on and after_blank and not following.strip()
        return (after_blank and (self.is_vtt or line.isdecimal())) or counts_on


def _cues_of(span, payload):
    """Return a cue for each voice of a payload, all with the same times."""
    parts = VOICE.split(payload)
    pairs = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    return [
        Cue(span[0], span[1], voice=clean_line(unescaped(voice))[:MAX_NAME_LENGTH], text=text)
        for voice, raw in pairs
        if (text := shown_text([raw]))
    ]
