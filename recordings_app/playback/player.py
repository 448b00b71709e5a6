"""The data the player shows: times, chapters, waveform, transcript."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from recordings_app.chapters import Chapter, parse_chapters
from recordings_app.models import Recording, Transcript
from search_app.results.highlighting import mark_matches
from sessions_app.formats.reference_styles import STYLES
from sessions_app.indexing.transcripts import recording_time_text

WAVEFORM_HEIGHT_UNITS = 60  # of the waveform, in SVG units; a step is one unit wide


@dataclass(frozen=True)
class TranscriptLine:
    """A cue as the page lists it; `starts` in seconds, None without times."""

    starts: float | None
    ends: float | None
    at: int | None  # the second in which it starts
    clock: str
    voice: str  # set only where it changes
    text: str
    anchor: str  # "t=754" on the first cue of that second: links to it work without JavaScript
    marked: SafeString | None = None  # the text with the search words highlighted, if it has any


@dataclass(frozen=True)
class Player:
    audio: str  # URL, or "" if it may not be played
    duration: int
    clock: str
    chapters: list[Chapter]
    waveform: str  # path of an SVG picture, or ""
    marks: str  # path of the chapter marks
    width: int
    lines: list[TranscriptLine]
    transcript: Transcript | None
    base: str
    query: str = ""

    @property
    def matching_lines(self):
        """The lines that contain the search words."""
        return [line for line in self.lines if line.marked]

    @property
    def citation_address(self):
        return f"{self.base}cite.txt"

    @property
    def citation_styles(self):
        return STYLES.items()


def player_context(
    recording: Recording, transcript: Transcript | None, base: str, may_hear: bool, query: str = ""
) -> Player:
    """Return the context of the player's template.

    `base` is the address that its parts lie below, `query` what to find in the transcript.
    """
    peaks = (recording.peaks or []) if may_hear else []
    chapters = parse_chapters(recording.chapters) if may_hear else []
    return Player(
        audio=f"{base}audio" if may_hear else "",
        duration=round(recording.duration_seconds or 0),
        clock=recording_time_text(recording.duration_seconds or 0),
        chapters=chapters,
        waveform=waveform_path(peaks),
        marks=chapter_marks_path(chapters, recording.duration_seconds, len(peaks)),
        width=len(peaks),
        lines=transcript_lines(transcript.cues.all(), query) if transcript else [],
        transcript=transcript,
        base=base,
        query=query,
    )


def waveform_path(peaks: list[int]) -> str:
    """Return the path of an SVG picture, WAVEFORM_HEIGHT_UNITS high, with one stroke a step."""
    middle = WAVEFORM_HEIGHT_UNITS / 2
    strokes = []
    for place, level in enumerate(peaks):
        half = max(0.5, level / 100 * middle)
        strokes.append(f"M{place + 0.5:g} {middle - half:.1f}V{middle + half:.1f}")
    return "".join(strokes)


def chapter_marks_path(chapters: list[Chapter], duration: float | None, width: int) -> str:
    """Return the path of a line at each chapter's beginning, over the width of the waveform."""
    return "".join(
        f"M{chapter.start_seconds / duration * width:.1f} 0V{WAVEFORM_HEIGHT_UNITS}"
        for chapter in chapters
        if width and 0 < chapter.start_seconds < duration
    )


def transcript_lines(cues, query: str = "") -> list[TranscriptLine]:
    cues = list(cues)
    marks = mark_matches([cue.text for cue in cues], query) if query else [None] * len(cues)
    shown, voice, anchors = [], "", set()
    for cue, mark in zip(cues, marks, strict=True):
        is_timed = cue.start_ms is not None
        anchor = f"t={cue.start_ms // 1000}" if is_timed else ""
        shown.append(
            TranscriptLine(
                starts=cue.start_ms / 1000 if is_timed else None,
                ends=cue.end_ms / 1000 if is_timed else None,
                at=cue.start_ms // 1000 if is_timed else None,
                clock=recording_time_text(cue.start_ms / 1000) if is_timed else "",
                voice=cue.voice if cue.voice != voice else "",
                text=cue.text,
                anchor="" if anchor in anchors else anchor,
                marked=mark,
            )
        )
        voice = cue.voice
        anchors.add(anchor)
    return shown
