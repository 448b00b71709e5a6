"""Uploads in pieces: received data is kept after an error, and the sender resumes from there.

The protocol is tus 1.0.0 (core, creation, checksum, termination; see `upload_views`). The pieces
are separate objects in private storage, so that this works with a folder or a bucket, and on one or
several machines. After the last one the worker assembles the pieces and checks the file.
"""

import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django_tasks import task

from ..models import Recording, RecordingUpload
from ..models.recordings import audio_path
from .attaching import (
    check_audio_size,
    displayed_file_name,
    folder_for_joining_pieces,
    record_attached_audio,
    replace_private_file,
    sha256_of_file,
)
from .inspection import inspect_audio

MAX_PIECE_BYTES = 8 * 1024 * 1024  # bytes per piece
ORPHANED_UPLOAD_AGE = timedelta(minutes=30)  # longer than it takes to assemble 2 GB
ABANDONED_UPLOAD_AGE = timedelta(days=2)
MAX_UPLOADS_DELETED = 100  # abandoned uploads per call
State = RecordingUpload.State


class WrongOffsetError(Exception):
    """A piece does not begin where the last one ended; `received` bytes are there."""

    def __init__(self, received: int):
        super().__init__(
            gettext("%(received)s bytes have been received.") % {"received": received}
        )
        self.received = received


def resume_or_begin_upload(
    recording: Recording, *, name: str, byte_count: int, user
) -> RecordingUpload:
    """Return the upload to send to: the interrupted one of the same file and user, or a new one.

    Raises ValidationError if the file cannot be accepted whatever its content.
    """
    check_audio_size(byte_count)
    same = RecordingUpload.objects.filter(
        recording=recording,
        name=displayed_file_name(name),
        byte_count=byte_count,
        created_by=user,
        state=State.RECEIVING,
    ).order_by("-pk")
    return same.first() or RecordingUpload.objects.create(
        recording=recording, name=displayed_file_name(name), byte_count=byte_count, created_by=user
    )


def store_piece(key: str, offset: int, piece: bytes) -> RecordingUpload:
    """Store a piece that begins at `offset`; return the updated upload.

    Raises OffsetError if that is not where the last one ended, ValidationError for more bytes than
    were announced, RecordingUpload.DoesNotExist.
    """
    with transaction.atomic():
        upload = RecordingUpload.objects.select_for_update().get(key=key)
        if upload.state != State.RECEIVING or offset != upload.received:
            raise WrongOffsetError(upload.received)
        if offset + len(piece) > upload.byte_count:
            raise ValidationError(gettext("More bytes arrived than were announced."))
        replace_private_file(ContentFile(piece), piece_path(upload, offset))
        upload.received += len(piece)
        upload.touched_at = timezone.now()
        if upload.received == upload.byte_count:
            upload.state = State.RECEIVED
            transaction.on_commit(finish_uploads.enqueue)
        upload.save(update_fields=["received", "touched_at", "state"])
    return upload


def piece_path(upload: RecordingUpload, offset: int) -> str:
    return f"{upload.folder}/{offset:012d}"


def delete_upload_and_pieces(upload: RecordingUpload) -> None:
    upload.delete()
    remove_pieces(upload)


def remove_pieces(upload: RecordingUpload) -> None:
    private = storages["private"]
    with suppress(FileNotFoundError, NotADirectoryError):
        for name in private.listdir(upload.folder)[1]:
            private.delete(f"{upload.folder}/{name}")
    with suppress(OSError):
        private.delete(upload.folder)  # the empty folder; in a bucket there is none


@task()
def finish_uploads() -> int:
    """Check and attach complete uploads; the rows decide, so a task may run twice."""
    return attach_received_uploads()


def attach_received_uploads() -> int:
    """Check and attach every upload that waits for it; return how many."""
    done = 0
    for key in list(RecordingUpload.objects.filter(state=State.RECEIVED).values_list("pk")):
        done += _check_and_attach(key[0])
    return done


def _check_and_attach(pk: int) -> bool:
    taken = RecordingUpload.objects.filter(pk=pk, state=State.RECEIVED).update(
        state=State.CHECKING, touched_at=timezone.now()
    )
    if not taken:
        return False
    upload = RecordingUpload.objects.select_related("recording", "created_by").get(pk=pk)
    try:
        with tempfile.NamedTemporaryFile(dir=folder_for_joining_pieces(), delete=False) as whole:
            try:
                _join_pieces(upload, whole)
                _attach_joined_file(upload, whole)
            finally:
                # After success it has been moved to its final place.
                Path(whole.name).unlink(missing_ok=True)
    except ValidationError as error:
        upload.state, upload.message = State.REFUSED, " ".join(error.messages)[:500]
        upload.save(update_fields=["state", "message"])
    remove_pieces(upload)
    return True


def _join_pieces(upload, whole):
    private = storages["private"]
    offset = 0
    while offset < upload.byte_count:
        with private.open(piece_path(upload, offset)) as piece:
            content = piece.read()
        whole.write(content)
        offset += len(content)
    whole.flush()


def _attach_joined_file(upload, whole):
    audio = inspect_audio(whole)
    sha256 = sha256_of_file(whole)
    # Stored before the file is written: a second attempt uses the same name.
    upload.stored_as = upload.stored_as or audio_path(upload.recording, f".{audio.suffix}")
    upload.save(update_fields=["stored_as"])
    replace_private_file(_as_movable_file(whole), upload.stored_as)
    with transaction.atomic():
        record_attached_audio(
            upload.recording,
            audio,
            stored_as=upload.stored_as,
            byte_count=upload.byte_count,
            sha256=sha256,
            name=upload.name,
            user=upload.created_by,
        )
        upload.state = State.DONE
        upload.save(update_fields=["state"])


def _as_movable_file(whole):
    """Let a folder's storage move the file to its place instead of copying it."""
    file = File(whole, name=whole.name)
    file.temporary_file_path = lambda: whole.name
    return file


def attach_orphaned_uploads() -> int:
    """Check and attach uploads left by a dead worker; return how many."""
    orphans = RecordingUpload.objects.filter(
        state=State.CHECKING, touched_at__lt=timezone.now() - ORPHANED_UPLOAD_AGE
    )
    orphans.update(state=State.RECEIVED)
    return attach_received_uploads()


def purge_abandoned_uploads(now: datetime | None = None) -> int:
    """Delete abandoned uploads and the records of old ones; return how many."""
    now = now or timezone.now()
    abandoned = RecordingUpload.objects.filter(touched_at__lt=now - ABANDONED_UPLOAD_AGE).exclude(
        state__in=(State.RECEIVED, State.CHECKING)
    )
    uploads = list(abandoned[:MAX_UPLOADS_DELETED])
    for upload in uploads:
        delete_upload_and_pieces(upload)
    return len(uploads)
