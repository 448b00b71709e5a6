"""Transcripts as files: WebVTT, and text for reading. Pure: cues in, text out."""

from collections.abc import Iterable

from sessions_app.indexing.transcripts import recording_time_text


def webvtt_of(cues: Iterable, title: str = "") -> str:
    """Return WebVTT; a cue without times is joined to the previous one, so that no word is lost.

    If there is no previous one, it is omitted, because a player cannot place it.
    Source: W3C WebVTT, section 4 (syntax).
    """
    header = f"WEBVTT - {_escaped_for_webvtt(title)}" if title else "WEBVTT"
    blocks = [header]
    for cue in cues:
        voice = f"<v {_escaped_for_webvtt(cue.voice)}>" if cue.voice else ""
        if cue.start_ms is None:
            if len(blocks) > 1:
                blocks[-1] += f"\n{voice}{_escaped_for_webvtt(cue.text)}"
            continue
        times = f"{vtt_timestamp(cue.start_ms)} --> {vtt_timestamp(cue.end_ms)}"
        blocks.append(f"{times}\n{voice}{_escaped_for_webvtt(cue.text)}")
    return "\n\n".join(blocks) + "\n"


def _escaped_for_webvtt(text):
    text = " ".join(text.split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def vtt_timestamp(milliseconds: int) -> str:
    """Return "01:02:03.004"."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def plain_text_of(cues: Iterable, heading: str = "") -> str:
    """Return the transcript to read: a paragraph whenever the voice or the minute changes."""
    paragraphs, voice, minute = [], None, None
    for cue in cues:
        now = None if cue.start_ms is None else cue.start_ms // 60_000
        # Without times, only the cue's own paragraphs show where one ends.
        if voice != cue.voice or now != minute or now is None:
            time = "" if cue.start_ms is None else f"[{recording_time_text(cue.start_ms / 1000)}] "
            name = f"{cue.voice}: " if cue.voice else ""
            paragraphs.append(time + name)
            voice, minute = cue.voice, now
        else:
            paragraphs[-1] += " "
        paragraphs[-1] += cue.text
    text = "\n\n".join(paragraphs) + "\n"
    return f"{heading}\n\n{text}" if heading else text


def editable_text_of(cues: list) -> str:
    """Return the text that staff edit: WebVTT if all cues have times, else paragraphs."""
    if all(cue.start_ms is not None for cue in cues):
        return webvtt_of(cues)
    return plain_text_of(cues)
