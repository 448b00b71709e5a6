"""The text spoken in recordings of sessions, supplied to the index by recordings_app."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from search_app.index.documents import TextPart


@dataclass
class SpokenText:
    """Words of one session: `public` ones are read by everybody, `findable` ones only found."""

    public: list[TextPart] = field(default_factory=list)
    findable: list[str] = field(default_factory=list)


NO_SPOKEN_TEXT = SpokenText()
_tellers: list[Callable[[Collection[int]], Mapping[int, SpokenText]]] = []


def register_spoken_text_source(teller):
    """Register a function from ids of public sessions to {id: Spoken} of those that have any."""
    _tellers.append(teller)
    return teller


def spoken_text_by_session(session_ids: Collection[int]) -> dict[int, SpokenText]:
    """Return {id: Spoken} of those of the sessions that have transcripts."""
    return {key: spoken for teller in _tellers for key, spoken in teller(session_ids).items()}


_seal_tellers: list[Callable[[Collection[int]], Mapping[int, datetime]]] = []


def register_seal_end_source(teller):
    """Register a function from ids of sessions to {id: when the last of its seals ended}."""
    _seal_tellers.append(teller)
    return teller


def last_seal_end_by_session(session_ids: Collection[int]) -> dict[int, datetime]:
    """Return {id: when the last seal of something in it ended} of those that had any."""
    return {key: at for teller in _seal_tellers for key, at in teller(session_ids).items()}


# The label of a passage contains the number of the recording and the start of each cue, so that a
# match links to its second: "2@0:12000,45:15500".


def passage_label(recording_number: int, starts: Iterable[tuple[int, int | None]]) -> str:
    """Return the label of a passage; `starts` are (characters before the cue, its milliseconds)."""
    timed = [f"{offset}:{ms}" for offset, ms in starts if ms is not None]
    return f"{recording_number}@{','.join(timed)}"


def recording_number_and_seconds(label: str, offset: int) -> tuple[str, int | None]:
    """Return (number of the recording, whole seconds or None) of a character of a passage."""
    number, _, starts = label.partition("@")
    seconds = None
    for start in starts.split(",") if starts else ():
        cue_offset, _, ms = start.partition(":")
        if int(cue_offset) > offset:
            break
        seconds = int(ms) // 1000
    return number, seconds


def recording_time_text(seconds: float) -> str:
    """Return a time within a recording as people write it: "0:07", "12:30", "1:02:05"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
