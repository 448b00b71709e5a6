"""The cues of a transcript, replaced as a whole."""

from django.db import transaction

from ..models import Transcript, TranscriptCue
from .cues import Cue


@transaction.atomic
def replace_cues(transcript: Transcript, cues: list[Cue]) -> None:
    """Replace the stored cues; saving the transcript updates the index."""
    transcript.cues.all().delete()
    TranscriptCue.objects.bulk_create(
        (
            TranscriptCue(
                transcript=transcript,
                position=position,
                start_ms=cue.start_ms,
                end_ms=cue.end_ms,
                voice=cue.voice,
                text=cue.text,
            )
            for position, cue in enumerate(cues)
        ),
        batch_size=500,
    )
    transcript.save()
