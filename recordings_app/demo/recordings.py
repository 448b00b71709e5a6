"""The recordings that the sessions of the demonstration have."""

import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from recordings_app.availability import refresh_availability
from recordings_app.transcripts.parsing import read_transcript
from search_app.change_log import record_that_everything_changed
from sessions_app.demo.records import DemoRecording
from sessions_app.demo.store import (
    DEMO_RECORD_NOTE,
    IMPORT_REF_PREFIX,
    MIN_SESSIONS_FOR_INDEX_REBUILD,
)
from sessions_app.models import Session

from ..audio.attaching import check_and_attach_audio
from ..models import Recording, Transcript
from ..transcripts.storing import replace_cues

RECORDINGS_PER_BATCH = 500
AUDIO_FOLDER = Path(__file__).with_name("audio")
SYNTHESISED_VOICES_NOTE = f"{DEMO_RECORD_NOTE} The voices are synthesised."


def add_demo_recordings(recordings: Mapping[int, tuple[DemoRecording, ...]]) -> int:
    """Store the recordings of sessions, {key of the session: its recordings}; return how many."""
    made = 0
    remaining = iter(recordings.items())
    while batch := dict(islice(remaining, RECORDINGS_PER_BATCH)):
        with transaction.atomic():
            made += _add_batch(batch)
    if made > MIN_SESSIONS_FOR_INDEX_REBUILD:
        record_that_everything_changed()
    return made


def _add_batch(batch):
    pairs = [
        (
            Recording(
                session_id=key,
                number=number,
                position=number,
                title=demo.title,
                access=demo.access,
                sealed_until=demo.sealed_until,
                chapters=demo.chapters.strip(),
            ),
            demo,
        )
        for key, demos in batch.items()
        for number, demo in enumerate(demos, 1)
    ]
    Recording.objects.bulk_create(record for record, _ in pairs)
    for count in {len(demos) for demos in batch.values()}:
        keys = [key for key, demos in batch.items() if len(demos) == count]
        Session.objects.filter(pk__in=keys).update(last_recording_number=count)
    for record, demo in pairs:
        if demo.audio:
            _add_audio(record, demo)
    refresh_availability(batch)
    return len(pairs)


def _add_audio(record: Recording, demo: DemoRecording) -> None:
    """Attach the audio file that is part of the program, with its transcript."""
    check_and_attach_audio(
        record,
        ContentFile((AUDIO_FOLDER / f"{demo.audio}.opus").read_bytes(), f"{demo.audio}.opus"),
        user=None,
    )
    # Generated in advance, so that the picture is the same on a machine without ffmpeg.
    peaks = json.loads((AUDIO_FOLDER / f"{demo.audio}.peaks.json").read_text("utf-8"))
    Recording.objects.filter(pk=record.pk).update(peaks=peaks)
    transcript = Transcript(
        recording=record,
        access=demo.transcript_access,
        language=record.session.language,
        note=demo.note or SYNTHESISED_VOICES_NOTE,
    )
    transcript.save()
    replace_cues(
        transcript, read_transcript((AUDIO_FOLDER / f"{demo.audio}.vtt").read_text("utf-8"))
    )


def remove_demo_audio() -> int:
    """Remove the recordings with audio, which would protect their sessions; return how many."""
    attached = Recording.objects.filter(session__import_ref__startswith=IMPORT_REF_PREFIX).exclude(
        file=""
    )
    count = attached.count()
    attached.delete()
    return count
