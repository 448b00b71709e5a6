"""Work on audio that nobody waits for; each task may run twice, or be cut off anywhere."""

import logging
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from search_app.changes import record

from ..models import Recording
from . import waveform

logger = logging.getLogger(__name__)

TAKEN_UP_AFTER = timedelta(minutes=10)  # a task that was lost is done by the tick
GIVEN_UP_AFTER = timedelta(days=1)


@task()
def draw_waveform(recording_id: int) -> None:
    """Work out the waveform, and note what the decoder complained of."""
    recording = (
        Recording.objects.exclude(file="").filter(pk=recording_id, peaks__isnull=True).first()
    )
    if recording is None:
        return
    peaks, remark = [], recording.file_remark
    try:
        with local_file(recording) as file:
            peaks = waveform.peaks_of(file, recording.media_type, recording.duration_seconds)
    except waveform.DamagedError as error:
        remark = f"Listen to it to the end; the decoder says: {error}"
    except (OSError, ValueError) as error:
        logger.warning("no waveform of recording %s: %s", recording_id, error)
    # Only of this very file: another may have been attached meanwhile.
    with transaction.atomic():
        Recording.objects.filter(pk=recording_id, file=recording.file.name).update(
            peaks=peaks, file_remark=remark[:300]
        )
        record("recording", [recording_id])  # no index holds it, but a kept page may show it


@contextmanager
def local_file(recording):
    """Open the audio as a file of this machine, with a name that a program can open."""
    private = storages["private"]
    if isinstance(private, FileSystemStorage):
        with Path(private.path(recording.file.name)).open("rb") as file:
            yield file
        return
    with tempfile.NamedTemporaryFile() as copy, private.open(recording.file.name) as source:
        while block := source.read(waveform.BLOCK):
            copy.write(block)
        copy.seek(0)
        yield copy


def draw_missing_waveforms() -> int:
    """Draw what a lost task left; return how many."""
    now = timezone.now()
    missing = Recording.objects.exclude(file="").filter(
        peaks__isnull=True,
        attached_at__lt=now - TAKEN_UP_AFTER,
        attached_at__gt=now - GIVEN_UP_AFTER,
    )
    keys = list(missing.order_by("pk").values_list("pk", flat=True)[:5])
    for key in keys:
        draw_waveform.func(key)
    return len(keys)
