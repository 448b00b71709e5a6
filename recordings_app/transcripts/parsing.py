"""Transcripts as people have them: WebVTT, SRT, SBV and plain text, read with tolerance.

Pure: text in, cues out. Every word that was said ends up in a cue. What cannot be read is refused
with the number of its line; what is merely untidy is put right.
Sources: W3C WebVTT (section 6, parsing), RFC 8216 section 3.5 (WebVTT in HLS), the SubRip and SBV
formats as players read them.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

MAX_BYTES = 5 * 1024 * 1024  # a full day of speech has about 800 KB
MAX_CUES = 50_000
MAX_ERRORS = 10
MAX_MS = 500 * 3600 * 1000  # a database integer can store up to 596 hours
MAX_NAME = 200  # characters

_TIME = r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?"
_ARROW_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s+(.*))?")
_SBV_TIMES = re.compile(rf"\s*{_TIME},{_TIME}\s*()")
_LIKE_SBV_TIMES = re.compile(r"\s*[\d.]*:[\d:.]+,[\d.]*:[\d:.]+\s*")
_LIKE_A_TIME = re.compile(r"\d\s*:\s*\d")
_SETTING = re.compile(
    r"(?:align|position|line|size|vertical|region|[XY][12]|[ADLSTP]):\S+", re.IGNORECASE
)
_TIMESTAMP_MAP = re.compile(r"X-TIMESTAMP-MAP=(.*)")
_METADATA = re.compile(r"[A-Za-z][\w -]*[:=]")
_CSS = re.compile(r"::cue|/\*|[#.\w*:() -]+\{")

_WORD_TIMING = re.compile(r"<(?:\d+:)?\d+:\d+[.,]\d+>")
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
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s+([^<>\s][^<>]*)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w*);")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")

_NAME = r"[^\W\d_][\w.'’()-]*(?: [\w.'’()-]+){0,5}"
_NAMED = re.compile(rf"({_NAME}):\s+(?=\S)")
_NAMED_LINE = re.compile(rf"\s*({_NAME}):(?:\s|$)")
_RANGE = rf"{_TIME}(?:\s*(?:-->|[-–—])\s*{_TIME})?"
_TIME_IN_BRACKETS = re.compile(rf"\s*[\[(]\s*{_RANGE}\s*[\])](?:\s*[-–—:](?=\s|$))?\s*")
_BARE_TIME = re.compile(rf"\s*{_RANGE}\s*[-–—:]?(?:\s+|$)")
# In a sentence that ends with a time, the words before it rarely begin with capitals.
_TITLED = r"[^\W\d_a-z][\w.'’()-]*(?: [\w.'’()-]+){0,4}?(?: [^\W_a-z][\w.'’()-]*)?"
_NAME_AND_TIME = re.compile(rf"\s*({_TITLED})\s*(?:[\[(]{_TIME}[\])](?::\s*|\s*$)|\s{_TIME}\s*$)")

# Cues this close together belong to one rolling caption.
MAX_ROLLING_GAP_MS = 200
MAX_GROWN_WORDS = 12  # of a joined caption whose text moves on word by word
MAX_FLASH_MS = 60  # how long a platform shows a finished line alone between two rolling captions


@dataclass(frozen=True)
class Cue:
    """Times in milliseconds from the start; both None in plain text without times."""

    start_ms: int | None
    end_ms: int | None
    voice: str
    text: str


def decode(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or Windows-1252 as old subtitles are.

    Raises ValidationError for what is not text.
    """
    if len(content) > MAX_BYTES:
        raise ValidationError(gettext("This file is too large for a transcript: at most 5 MB."))
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
    raise ValidationError(gettext("This is not a text file."))


def read_transcript(text: str) -> list[Cue]:
    """Return the cues of a WebVTT, SRT, SBV or plain text; the format is detected.

    Raises ValidationError naming up to ten lines that cannot be read.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    errors: list[str] = []
    if _is_signature(first):
        cues = _Captions(_ARROW_TIMES, is_vtt=True).read(lines, errors)
    elif _SBV_TIMES.fullmatch(first):
        cues = _Captions(_SBV_TIMES, is_vtt=False).read(lines, errors)
    elif any("-->" in line and _ARROW_TIMES.fullmatch(line) for line in lines[:200]):
        cues = _Captions(_ARROW_TIMES, is_vtt=False).read(lines, errors)
    else:
        cues = _plain(lines, errors)
    if errors:
        raise ValidationError(errors[:MAX_ERRORS])
    if not cues:
        raise ValidationError(gettext("There is no text in this transcript."))
    if len(cues) > MAX_CUES:
        raise ValidationError(
            gettext("These are %(number)s cues; at most %(max_cues)s are kept.")
            % {"number": len(cues), "max_cues": MAX_CUES}
        )
    return _with_names(cues)


def _milliseconds(hours, minutes, seconds, fraction) -> int | None:
    if (int(minutes) > 59 and hours) or int(seconds) > 59:
        return None
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    time = whole * 1000 + int((fraction or "0")[:3].ljust(3, "0"))
    return time if time <= MAX_MS else None


def _clock(milliseconds):
    seconds = milliseconds // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _line(text):
    return " ".join(_CONTROL.sub("", text).split())


def _out_of_order(number, start, before):
    return gettext(
        "Line %(number)s: its time %(clock)s is before the one above it, "
        "%(clock_2)s. Put the lines in order."
    ) % {"number": number, "clock": _clock(start), "clock_2": _clock(before)}


def _is_signature(line):
    return re.match(r"\s*WEBVTT(?:\s|$)", line.removeprefix("\ufeff")) is not None


@dataclass
class _Caption:
    """One cue as written in the file: number of the line of its times, and lines of text."""

    number: int
    start_ms: int
    end_ms: int
    lines: list[str]


class _Captions:
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
        if _is_growing(self.captions):
            self.captions = _grown(self.captions)
        elif _is_rolling(self.captions):
            self.captions = _unrolled(self.captions)
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
        if self.is_vtt and _is_signature(line) and (not self.captions or line.strip() == "WEBVTT"):
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
        if self.times is _SBV_TIMES:
            return _LIKE_SBV_TIMES.fullmatch(line) is not None
        return "-->" in line and _LIKE_A_TIME.search(line) is not None

    def _begin(self, place):
        known = len(self.errors)
        self._add_caption(place)
        self.follows_error = len(self.errors) > known

    def _add_caption(self, place):
        line = self.lines[place]
        match = self.times.fullmatch(line)
        start = match and _milliseconds(*match.groups()[:4])
        end = match and _milliseconds(*match.groups()[4:8])
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
            self.errors.append(_out_of_order(place + 1, start, self.captions[-1].start_ms))
        else:
            # Players do not show a cue that ends before it starts.
            caption = _Caption(place + 1, start, max(end, start + 1), [])
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
        local = re.fullmatch(_TIME, parts.get("LOCAL", "").strip())
        ticks = parts.get("MPEGTS", "").strip()
        local_ms = local and _milliseconds(*local.groups())
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

        A number counts wherever it goes on counting; a name only in WebVTT, after a blank line.
        """
        line = self.lines[place].strip()
        following = self.lines[place + 1] if place + 1 < len(self.lines) else ""
        counts_on = line.isdecimal() and len(line) < 10 and int(line) == len(self.captions) + 1
        if not self._is_times(following):
            # The number of a cue whose text is missing.
            return counts_on and after_blank and not following.strip()
        return (after_blank and (self.is_vtt or line.isdecimal())) or counts_on


def _shown(lines):
    """Return the lines of a caption as a viewer sees them."""
    return [text for line in lines if (text := _plain_of([line]))]


def _overlap(before, now):
    """Return how many of the first lines now are the last ones of before."""
    for count in range(min(len(before), len(now)), 0, -1):
        if before[-count:] == now[:count]:
            return count
    return 0


def _is_rolling(captions):
    """Return whether a file repeats earlier lines, as roll-up captions do.

    What people say twice is not that: at least half of the captions have to show it.
    """
    if any(_WORD_TIMING.search(line) for caption in captions for line in caption.lines):
        return True
    shown = [_shown(caption.lines) for caption in captions]
    rolling = together = 0
    for at in range(1, len(captions)):
        before, now = captions[at - 1], captions[at]
        if now.start_ms > before.end_ms + MAX_ROLLING_GAP_MS or not shown[at]:
            continue
        together += 1
        count = _overlap(shown[at - 1], shown[at])
        flashes = min(now.end_ms - now.start_ms, before.end_ms - before.start_ms) <= MAX_FLASH_MS
        rolling += bool(
            count and (count < len(shown[at]) or flashes or now.start_ms < before.end_ms)
        )
    return rolling > 0 and 2 * rolling >= together


def _unrolled(captions):
    """Return captions with each line only where it first appears."""
    kept: list[_Caption] = []
    before: list[str] = []
    end = None
    for caption in captions:
        now = _shown(caption.lines)
        follows = end is not None and caption.start_ms <= end + MAX_ROLLING_GAP_MS
        repeated = _overlap(before, now) if follows else 0
        lines, voice = [], ""
        for line in caption.lines:
            names = _VOICE.findall(line)
            if repeated and _plain_of([line]):
                repeated -= 1
                voice = names[-1] if names else voice
            else:
                lines.append(f"<v {voice}>{line}" if voice and not names else line)
                voice = ""
        if _shown(lines):
            kept.append(replace(caption, lines=lines))
        before, end = now, caption.end_ms
    return kept


def _is_growing(captions):
    """Return whether captions repeat the words before them within a line, and add some.

    Live captions write a line word by word, or let it run through a window. Two of the pairs have
    to show it and at least half of all; where words were corrected meanwhile, nearly all.
    """
    exact = folded = together = 0
    for before, now in pairwise(captions):
        if now.start_ms > before.end_ms + MAX_ROLLING_GAP_MS:
            continue
        together += 1
        lines = _shown(now.lines)
        was, words = " ".join(_shown(before.lines)).split(), " ".join(lines).split()
        # The caption rolls if earlier lines stay and new ones follow below.
        if _overlap(_shown(before.lines), lines) or was == words:
            together -= 1
            continue
        exact += bool(_known_words(was, words))
        folded += bool(_known_words([*map(_folded, was)], [*map(_folded, words)]))
    return (exact >= 2 and 2 * exact >= together) or (folded >= 3 and 4 * folded >= 3 * together)


def _known_words(before, now):
    """Return how many of the first words now are the last ones of before: all of them, or several."""
    for count in range(min(len(before), len(now)), 0, -1):
        if before[-count:] == now[:count]:
            return count if count == len(before) or count > 1 else 0
    return 0


def _folded(word):
    return re.sub(r"^\W+|\W+$", "", word.casefold()) or word


def _grown(captions):
    """Return captions with each word only at its first appearance; growing ones become one."""
    kept: list[Any] = []  # captions whose lines are (voice, words)
    before: list[str] = []
    end = None
    for caption in captions:
        lines = _voiced_words(caption.lines)
        now = [word for _voice, words in lines for word in words]
        follows = end is not None and caption.start_ms <= end + MAX_ROLLING_GAP_MS
        known = 0
        if follows:
            known = _known_words([*map(_folded, before)], [*map(_folded, now)])
        goes_on, left = known == len(before), known
        new_lines = []
        for voice, words in lines:
            there, left = min(left, len(words)), left - min(left, len(words))
            if there and kept and (there < len(words) or goes_on):
                last_voice, last = kept[-1].lines[-1]
                is_short = len(last) + len(words) - there <= MAX_GROWN_WORDS
                if last[-there:] and len(last) >= there and (goes_on or is_short):
                    # The earlier words may have been corrected.
                    kept[-1].lines[-1] = (last_voice, [*last[:-there], *words])
                    kept[-1].end_ms = max(kept[-1].end_ms, caption.end_ms)
                    continue
            if words[there:]:
                new_lines.append((voice, words[there:]))
        if new_lines:
            kept.append(replace(caption, lines=new_lines))
        before, end = now, caption.end_ms
    return [
        replace(caption, lines=[_as_line(*line) for line in caption.lines]) for caption in kept
    ]


def _voiced_words(lines):
    """Return (voice, words) of each line that shows something."""
    pieces, voice = [], ""
    for line in lines:
        parts = _VOICE.split(line)
        for name, raw in [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]:
            voice = name or voice
            if words := _plain_of([raw]).split():
                pieces.append((voice, words))
    return pieces


def _as_line(voice, words):
    text = html.escape(" ".join(words), quote=False)
    return f"<v {voice}>{text}" if voice else text


def _cues_of(span, payload):
    """Return a cue for each voice of a payload, all with the same times."""
    parts = _VOICE.split(payload)
    pairs = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    return [
        Cue(span[0], span[1], voice=_line(_unescaped(voice))[:MAX_NAME], text=text)
        for voice, raw in pairs
        if (text := _plain_of([raw]))
    ]


def _plain_of(lines):
    text = _BREAK.sub(" ", " ".join(lines))
    for markup in (_WORD_TIMING, _TAG, _OVERRIDE):
        text = markup.sub("", text)
    return _line(_unescaped(text))


def _unescaped(text):
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


@dataclass
class _Paragraph:
    """`number` is that of its first line; `end_ms` only where the text itself gives it."""

    number: int
    start_ms: int | None
    end_ms: int | None
    voice: str
    text: str


def _plain(lines, errors):
    """Return a cue for each paragraph; a paragraph may begin with its time, as in "[12:30] …".

    A new one begins after a blank line, with a time, and with the name of somebody who speaks more
    than once.
    """
    paragraphs = _paragraphs(lines)
    timed = [paragraph for paragraph in paragraphs if paragraph.start_ms is not None]
    for before, now in pairwise(timed):
        if now.start_ms < before.start_ms:
            errors.append(_out_of_order(now.number, now.start_ms, before.start_ms))
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
    return _placed(paragraphs)


def _paragraphs(lines):
    counts_bare = _is_usual(_BARE_TIME, lines)
    counts_named = _is_usual(_NAME_AND_TIME, lines)
    names = Counter(
        match[1] for line in lines if (match := _NAMED_LINE.match(_time_of(line, counts_bare)[2]))
    )
    paragraphs, is_new = [], True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            is_new = True
            continue
        start, end, rest = _time_of(line, counts_bare)
        voice = ""
        if start is None and counts_named and (match := _NAME_AND_TIME.match(line)):
            start = _milliseconds(*match.groups()[1 if match[3] else 5 :][:4])
            if start is not None:
                voice, rest = match[1], line[match.end() :]
        named = _NAMED_LINE.match(rest)
        if is_new or start is not None or (named and names[named[1]] > 1):
            paragraphs.append(_Paragraph(number, start, end, voice[:MAX_NAME], _line(rest)))
        else:
            paragraphs[-1].text = _line(f"{paragraphs[-1].text} {rest}")
        is_new = False
    return _joined_times(paragraphs)


def _joined_times(paragraphs):
    """Give a time on a line of its own to the paragraph after it."""
    joined: list[_Paragraph] = []
    for paragraph in paragraphs:
        before = joined[-1] if joined else None
        if before and not before.text and paragraph.start_ms is None:
            before.text = paragraph.text
        else:
            joined.append(paragraph)
    return [paragraph for paragraph in joined if paragraph.text]


def _time_of(line, counts_bare):
    """Return (start, end, rest) of a line; the rest is the line where it begins with no time."""
    match = _TIME_IN_BRACKETS.match(line) or (_BARE_TIME.match(line) if counts_bare else None)
    start = _milliseconds(*match.groups()[:4]) if match else None
    if match is None or start is None:
        return None, None, line
    end = _milliseconds(*match.groups()[4:8]) if match[6] else None
    return start, end, line[match.end() :]


def _is_usual(form, lines):
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


def _placed(paragraphs):
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


def _with_names(cues):
    """Read "Dr. Abara: …" as a speaker if the name begins at least two cues; otherwise as text."""
    begins = [_NAMED.match(cue.text) if not cue.voice else None for cue in cues]
    counts = Counter(match[1] for match in begins if match)
    return [
        replace(cue, voice=match[1][:MAX_NAME], text=cue.text[match.end() :])
        if match and counts[match[1]] > 1
        else cue
        for cue, match in zip(cues, begins, strict=True)
    ]
