"""Background tasks on audio; each may run twice or be interrupted at any point."""

import logging
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from search_app.change_log import record_changes

from ..models import Recording
from . import inspection, truncation, waveform
from .frame_durations import FRAME_KIND_OF_MEDIA_TYPE, seconds_of_frames

logger = logging.getLogger(__name__)

LOST_TASK_AGE = timedelta(minutes=10)  # after this time the tick does the work of a lost task
MAX_RETRY_AGE = timedelta(days=1)
MAX_DURATION_DIFFERENCE_SECONDS = (
    0.1  # seconds; a header excludes the silence that an encoder adds
)
MEASURED_MEDIA_TYPES = (*FRAME_KIND_OF_MEDIA_TYPE, "audio/flac", "audio/wav")


@task()
def measure_audio(recording_id: int) -> None:
    """Count how long the audio is where its header may be wrong, then draw its waveform."""
    recording = Recording.objects.exclude(file="").filter(pk=recording_id).first()
    if recording is None:
        return
    this_file = Recording.objects.filter(pk=recording_id, file=recording.file.name)
    if not recording.is_measured and recording.media_type in MEASURED_MEDIA_TYPES:
        try:
            with audio_as_local_file(recording) as file:
                seconds = _measured_seconds(recording, file)
        except FileNotFoundError as error:
            logger.warning("audio of recording %s was not attached: %s", recording_id, error)
            seconds = None
        if seconds and abs(seconds - recording.duration_seconds) > MAX_DURATION_DIFFERENCE_SECONDS:
            facts = dict(recording.facts)
            if recording.media_type in FRAME_KIND_OF_MEDIA_TYPE:
                facts["bit_rate"] = round(8 * recording.byte_count / seconds)
            with transaction.atomic():
                # The waveform was generated for another duration.
                this_file.update(duration_seconds=seconds, facts=facts, peaks=None)
                record_changes("recording", [recording_id])
    draw_waveform.func(recording_id)
    # Last: if the task is interrupted before this, it runs again.
    this_file.update(is_measured=True)


def _measured_seconds(recording, file) -> float | None:
    if kind := FRAME_KIND_OF_MEDIA_TYPE.get(recording.media_type):
        seconds = seconds_of_frames(kind, file)
        return min(seconds, inspection.MAX_DURATION_SECONDS) if seconds else None
    if recording.media_type == "audio/wav":
        samples = truncation.find_wav_data(file, truncation.byte_count_of_file(file))
        return samples.seconds if samples else None
    try:
        return inspection.inspect_audio(file).duration_seconds
    except ValidationError:
        return None  # the file was accepted once; the admin page shows the decoder's messages


@task()
def draw_waveform(recording_id: int) -> None:
    """Calculate the waveform, and store the decoder's warnings."""
    recording = (
        Recording.objects.exclude(file="").filter(pk=recording_id, peaks__isnull=True).first()
    )
    if recording is None:
        return
    peaks, remark = [], recording.file_remark
    try:
        with audio_as_local_file(recording) as file:
            peaks = waveform.waveform_peaks_of_file(
                file, recording.media_type, recording.duration_seconds
            )
    except waveform.DamagedAudioError as error:
        remark = f"Listen to it to the end; the decoder reports: {error}"
    except (OSError, ValueError) as error:
        logger.warning("waveform of recording %s was not drawn: %s", recording_id, error)
    # Only for this file: another one may have been attached in the meantime.
    with transaction.atomic():
        Recording.objects.filter(pk=recording_id, file=recording.file.name).update(
            peaks=peaks, file_remark=remark[:300]
        )
        # Not in any index, but a cached page may show it.
        record_changes("recording", [recording_id])


@contextmanager
def audio_as_local_file(recording):
    """Open the audio as a file of this machine, with a name that a program can open."""
    private = storages["private"]
    if isinstance(private, FileSystemStorage):
        with Path(private.path(recording.file.name)).open("rb") as file:
            yield file
        return
    with tempfile.NamedTemporaryFile() as copy, private.open(recording.file.name) as source:
        while block := source.read(waveform.BLOCK_BYTES):
            copy.write(block)
        copy.seek(0)
        yield copy


def draw_missing_waveforms() -> int:
    """Draw waveforms left by lost tasks; return how many."""
    now = timezone.now()
    missing = Recording.objects.exclude(file="").filter(
        peaks__isnull=True,
        attached_at__lt=now - LOST_TASK_AGE,
        attached_at__gt=now - MAX_RETRY_AGE,
    )
    keys = list(missing.order_by("pk").values_list("pk", flat=True)[:5])
    for key in keys:
        draw_waveform.func(key)
    return len(keys)


def measure_unmeasured_audio(seconds: float) -> int:
    """Measure recordings without a duration for about this many seconds; return how many."""
    until = time.monotonic() + seconds
    waiting = (
        Recording.objects.filter(is_measured=False, media_type__in=MEASURED_MEDIA_TYPES)
        .exclude(file="")
        .exclude(attached_at__gt=timezone.now() - LOST_TASK_AGE)  # its task is still queued
    )
    done = 0
    for key in list(waiting.order_by("pk").values_list("pk", flat=True)[:100]):
        measure_audio.func(key)
        done += 1
        if time.monotonic() > until:
            break
    return done
