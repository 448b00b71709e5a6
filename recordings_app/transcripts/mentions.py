"""How often, and in which minutes, findable transcripts say the words of a search; never a word."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from recordings_app.models import Recording, Transcript, TranscriptCue
from search_app.query.query_ast import Query
from search_app.results.occurrence_counts import QueryWords

MAX_MINUTES_LISTED = 40  # listed one by one


@dataclass
class Mentions:
    """What the transcript of one recording shows for a search."""

    typed: tuple[str, ...]
    count: int
    minutes: list[int]  # of the recording, counted from 0
    recording: Recording

    @property
    def may_be_requested(self) -> bool:
        """Whether its recording can be asked for; public and not sealed it is, or it tells nothing."""
        return self.recording.access in (Recording.Access.ON_REQUEST, Recording.Access.AUTOMATIC)

    @property
    def listed_minutes(self) -> list[int]:
        return self.minutes[:MAX_MINUTES_LISTED]


def mentions_by_session(session_ids: Iterable[int], query: Query) -> dict[int, list[Mentions]]:
    """Return {session id: mentions} for what `transcript:` asks; two queries, none if it is absent."""
    asked = QueryWords.from_query(query, "transcript")
    if not asked.stems:
        return {}
    transcripts = {
        transcript.pk: transcript
        for transcript in Transcript.objects.findable()
        .filter(recording__session__in=list(session_ids))
        .select_related("recording")
        .order_by("recording__position", "recording__number")
    }
    if not transcripts:
        return {}
    counts: dict[int, int] = defaultdict(int)
    minutes: dict[int, set[int]] = defaultdict(set)
    cues = TranscriptCue.objects.filter(transcript__in=transcripts)
    for key, start_ms, text in cues.values_list("transcript_id", "start_ms", "text").iterator():
        if count := asked.count_occurrences(text):
            counts[key] += count
            if start_ms is not None:
                minutes[key].add(start_ms // 60_000)
    mentions_of: dict[int, list[Mentions]] = defaultdict(list)
    for key, transcript in transcripts.items():
        if counts[key]:
            told = Mentions(asked.typed, counts[key], sorted(minutes[key]), transcript.recording)
            mentions_of[transcript.recording.session_id].append(told)
    return dict(mentions_of)
