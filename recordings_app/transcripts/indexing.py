"""Transcripts for the index of sessions: passages of public ones, bare words of findable ones."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, time

from django.utils import timezone

from recordings_app.models import Recording, Transcript, TranscriptCue
from search_app.index.documents import TextPart
from sessions_app.indexing.transcripts import (
    SpokenText,
    passage_label,
    register_seal_end_source,
    register_spoken_text_source,
)

# A passage is quoted as a whole and no phrase match crosses its end, so it ends with a sentence.
PASSAGE_LENGTH, MAX_PASSAGE_LENGTH = 600, 1500  # characters
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")


@register_spoken_text_source
def spoken_words_of_sessions(session_ids: Collection[int]) -> dict[int, SpokenText]:
    """Return the transcript mentions for the sessions; two queries, one if there are none."""
    own = Transcript.objects.filter(recording__session__in=session_ids)
    readable = own.public() | own.findable()
    transcripts = list(
        readable.order_by("recording__position", "recording__number").values_list(
            "pk", "access", "recording__session_id", "recording__number"
        )
    )
    if not transcripts:
        return {}
    cues = defaultdict(list)
    rows = TranscriptCue.objects.filter(transcript__in=[row[0] for row in transcripts])
    for key, start_ms, text in rows.order_by("transcript", "position").values_list(
        "transcript_id", "start_ms", "text"
    ):
        cues[key].append((start_ms, text))
    spoken_by_session: dict[int, SpokenText] = defaultdict(SpokenText)
    for key, access, session_id, number in transcripts:
        if access == Transcript.Access.PUBLIC:
            spoken_by_session[session_id].public += passages(number, cues[key])
        else:
            spoken_by_session[session_id].findable += [text for _start_ms, text in cues[key]]
    return dict(spoken_by_session)


@register_seal_end_source
def seal_ends_of_sessions(session_ids: Collection[int]) -> dict[int, datetime]:
    """Return {session: when the last seal of a recording of it ended}; one query."""
    rows = Recording.objects.filter(
        session__in=session_ids, sealed_until__lte=timezone.localdate()
    ).order_by("sealed_until")
    return {
        session: timezone.make_aware(datetime.combine(day, time.min))
        for session, day in rows.values_list("session_id", "sealed_until")
    }


def passages(recording_number: int, cues: Iterable[tuple[int | None, str]]) -> Iterator[TextPart]:
    """Yield the passages of cues (milliseconds or None, text) in order."""
    texts: list[str] = []
    starts: list[tuple[int, int | None]] = []
    length = 0
    for start_ms, text in cues:
        if length >= MAX_PASSAGE_LENGTH or (
            length >= PASSAGE_LENGTH and texts[-1].rstrip('”’")]').endswith(SENTENCE_ENDS)
        ):
            yield TextPart(" ".join(texts), passage_label(recording_number, starts))
            texts, starts, length = [], [], 0
        starts.append((length, start_ms))
        text = " ".join(text.split())
        texts.append(text)
        length += len(text) + 1
    if texts:
        yield TextPart(" ".join(texts), passage_label(recording_number, starts))
