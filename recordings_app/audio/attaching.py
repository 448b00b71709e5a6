"""Attach a checked file to a recording as its audio, and remove it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext

from site_app.text.single_line import on_one_line

from ..models import Recording
from ..models.recordings import audio_path
from .inspection import InspectedAudio, inspect_audio
from .tasks import measure_audio

BLOCK_BYTES = 1024 * 1024


def check_audio_size(byte_count: int) -> None:
    """Raise ValidationError, with a message for the uploader, if the file is empty or too large."""
    limit = settings.RECORDING_MAX_BYTES
    if byte_count > limit:
        raise ValidationError(
            gettext("The file has %(size)s; at most %(limit)s are allowed.")
            % {"size": filesizeformat(byte_count), "limit": filesizeformat(limit)}
        )
    if byte_count < 1:
        raise ValidationError(gettext("The file is empty."))


def displayed_file_name(name: str) -> str:
    """Return the name of a file as staff may read it: its last part, one line, 200 characters."""
    return on_one_line(name.replace("\\", "/").rsplit("/", 1)[-1])[:200] or "audio"


def blocks_of_file(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(BLOCK_BYTES):
        yield block


def sha256_of_file(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for block in blocks_of_file(file):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def check_and_attach_audio(recording: Recording, upload, *, user) -> None:
    """Check an uploaded file and make it the audio of `recording`, instead of any before.

    `upload` has `name` and `size` and can seek. Raises ValidationError for what is refused.
    """
    check_audio_size(upload.size)
    audio = inspect_audio(upload)
    sha256 = sha256_of_file(upload)
    stored_as = replace_private_file(upload, audio_path(recording, f".{audio.suffix}"))
    record_attached_audio(
        recording,
        audio,
        stored_as=stored_as,
        byte_count=upload.size,
        sha256=sha256,
        name=upload.name,
        user=user,
    )


def replace_private_file(file, name: str) -> str:
    """Store a private file under `name`, replacing remains of an interrupted attempt."""
    private = storages["private"]
    if private.exists(name):
        private.delete(name)
    return private.save(name, file if hasattr(file, "chunks") else File(file))


@transaction.atomic
def record_attached_audio(
    recording: Recording,
    audio: InspectedAudio,
    *,
    stored_as: str,
    byte_count: int,
    sha256: str,
    name: str,
    user,
) -> None:
    """Record the stored file; the file it replaces is deleted after the commit."""
    recording = Recording.objects.select_for_update().get(pk=recording.pk)
    replaced = recording.file.name
    recording.file.name = stored_as
    recording.media_type = audio.media_type
    recording.duration_seconds = audio.duration_seconds
    recording.byte_count = byte_count
    recording.sha256 = sha256
    recording.facts = audio.facts
    recording.file_remark = audio.remark
    recording.chapters = recording.chapters or audio.chapters
    recording.original_name = displayed_file_name(name)
    recording.attached_at = timezone.now()
    recording.attached_by = user
    recording.peaks = None
    recording.is_measured = False
    recording.save()
    if replaced and replaced != stored_as:
        transaction.on_commit(lambda: storages["private"].delete(replaced))
    transaction.on_commit(lambda: measure_audio.enqueue(recording.pk))


def folder_for_joining_pieces() -> Path | None:
    """Return the folder for assembling a large file: next to the storage, so that it can be moved."""
    private = storages["private"]
    if not isinstance(private, FileSystemStorage):
        return None
    folder = Path(private.location) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@receiver(post_delete, sender=Recording)
def delete_audio_of_recording(instance, **kwargs):
    """The file is deleted once the deletion of its recording is committed."""
    if name := instance.file.name:
        transaction.on_commit(lambda: storages["private"].delete(name))
