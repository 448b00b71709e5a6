"""What merging sessions means for their recordings."""

from contextlib import contextmanager

from django.urls import reverse

from desk_app.merging.journal import Journal
from desk_app.merging.rules import MergeObserver, merge_rules, observers
from sessions_app.editing.session_merge_rules import register_numbered_parts
from sessions_app.models import Session

from .availability import refresh_and_record_changes
from .models import AccessLog, Recording, RecordingUpload, RequestedRecording, Transcript

_PAGES_BELOW_RECORDING = (
    ("recording-audio", ()),
    ("recording-transcript", ("vtt",)),
    ("recording-transcript", ("txt",)),
    *(("recording-cite", (extension,)) for extension in ("bib", "ris", "json", "txt")),
)


def addresses_of_recording(slug: str, number: int, recording: Recording | None) -> list[str]:
    """Return the addresses of a recording that visitors can have kept."""
    return [
        reverse("recordings:recording", args=[slug, number]),
        *(
            reverse(f"recordings:{name}", args=[slug, number, *more])
            for name, more in _PAGES_BELOW_RECORDING
        ),
    ]


def duplicate_of_recording(recording: Recording, present: list[Recording]) -> Recording | None:
    """Return the recording that this one duplicates: the same audio, or the same announcement."""
    for candidate in present:
        if recording.sha256 and candidate.sha256 == recording.sha256:
            return candidate if _has_no_request_access_or_transcript(recording) else None
    return (
        next(iter(present), None)
        if not recording.file and _has_no_request_access_or_transcript(recording)
        else None
    )


def _has_no_request_access_or_transcript(recording):
    """Whether it has no requests, no plays and no transcript."""
    parts = (Transcript, RequestedRecording, AccessLog, RecordingUpload)
    return not any(part.objects.filter(recording=recording).exists() for part in parts)


register_numbered_parts(Recording, twin=duplicate_of_recording, addresses=addresses_of_recording)


def keep_first_recording_unchanged(journal: Journal, kept: Recording, other: Recording) -> None:
    """An announcement says nothing that the recording does not."""


merge_rules(Recording, unite=keep_first_recording_unchanged)


class AvailabilityObserver(MergeObserver):
    """Update the stored availability of the sessions."""

    label = "offers"
    is_told = False
    model = Session
    paths = {Recording: "session_id"}

    @contextmanager
    def lock_and_record_change(self, keys, *, user, comment):
        yield
        refresh_and_record_changes(keys)


observers.append(AvailabilityObserver())
