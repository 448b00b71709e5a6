"""Every file of public media and private storage, in folders or buckets."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.core.files.utils import validate_file_name
from django.db import models

from site_app.pictures.renditions import PictureModel, rendition_file_names

from .tables import stored_models

# Name in manifests: Django's storage alias.
STORAGE_ALIAS_OF_NAME = {"media": "default", "private": "private"}
UNFINISHED_SUFFIX = ".restoring"  # suffix of a file that is being written
BLOCK_BYTES = 1024 * 1024


class StoredFile(NamedTuple):
    storage: str  # a key of STORAGES
    name: str
    byte_count: int
    modified: str  # ISO 8601, UTC

    @property
    def label(self) -> str:
        return f"{self.storage}/{self.name}"


def storage_named(name: str):
    return storages[STORAGE_ALIAS_OF_NAME[name]]


def storage_folders() -> list[Path]:
    """Return the folders in which files lie; none for a bucket."""
    found = (storage_named(name) for name in STORAGE_ALIAS_OF_NAME)
    return [Path(each.location) for each in found if isinstance(each, FileSystemStorage)]


def stored_files() -> Iterator[StoredFile]:
    """Yield every stored file, storage by storage, names in order within each folder."""
    for name in STORAGE_ALIAS_OF_NAME:
        storage = storage_named(name)
        if isinstance(storage, FileSystemStorage):
            yield from _files_in_folder(name, Path(storage.location), "")
        else:
            yield from _files_in_bucket(name, storage, "")


def _files_in_folder(storage, root, below):
    try:
        entries = sorted(os.scandir(root / below), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _files_in_folder(storage, root, f"{name}/")
        elif entry.is_file() and not name.endswith(UNFINISHED_SUFFIX):
            try:
                status = entry.stat()
            except FileNotFoundError:  # deleted in the meantime
                continue
            modified = datetime.fromtimestamp(status.st_mtime, UTC).isoformat()
            yield StoredFile(storage, name, status.st_size, modified)


def _files_in_bucket(storage, bucket, below):
    below_names, names = bucket.listdir(below)
    for name in sorted(filter(None, names)):
        path = f"{below}{name}"
        try:
            modified = bucket.get_modified_time(path).astimezone(UTC).isoformat()
            yield StoredFile(storage, path, bucket.size(path), modified)
        except FileNotFoundError:
            continue
    for name in sorted(filter(None, below_names)):
        yield from _files_in_bucket(storage, bucket, f"{below}{name}/")


def check_file_name(storage: str, name: str) -> None:
    """Raise SuspiciousOperation for a name that leads out of its storage."""
    validate_file_name(name, allow_relative_path=True)
    target = storage_named(storage)
    if isinstance(target, FileSystemStorage):
        target.path(name)


def open_file(storage: str, name: str) -> BinaryIO:
    """Open a stored file; raises FileNotFoundError or another OSError."""
    return storage_named(storage).open(name, "rb")


def sha256_of_file(
    storage: str, name: str, on_read: Callable[[int], object] = lambda size: None
) -> str:
    """Return the SHA-256 of a stored file; `on_read` is called with the size of each block."""
    digest = hashlib.sha256()
    with open_file(storage, name) as file:
        for block in read_blocks(file):
            digest.update(block)
            on_read(len(block))
    return digest.hexdigest()


def read_blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def store_file(storage: str, name: str, content: BinaryIO, modified: str) -> None:
    """Write a file under exactly this name, completely or not at all, replacing an existing one.

    Raises OSError, or SuspiciousFileOperation for a name that leads out of the storage.
    """
    target = storage_named(storage)
    if not isinstance(target, FileSystemStorage):
        target.delete(name)
        if (stored := target.save(name, File(content))) != name:
            raise OSError(f"{storage}/{name}: the bucket stored it as {stored}")
        return
    path = Path(target.path(name))
    with_mode = (
        {}
        if target.directory_permissions_mode is None
        else {"mode": target.directory_permissions_mode}
    )
    path.parent.mkdir(parents=True, exist_ok=True, **with_mode)
    unfinished = path.with_name(path.name + UNFINISHED_SUFFIX)
    with unfinished.open("wb") as file:
        for block in read_blocks(content):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if target.file_permissions_mode is not None:
        unfinished.chmod(target.file_permissions_mode)
    seconds = datetime.fromisoformat(modified).timestamp()
    os.utime(unfinished, (seconds, seconds))
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_of_field(field: models.FileField) -> str:
    return "media" if field.storage is default_storage else "private"


def files_named_by_records(using: str = "default") -> Iterable[tuple[str, str, models.Model, int]]:
    """Yield (storage, name, model, primary key) for every file that a row names itself."""
    for model in stored_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField):
                storage = storage_of_field(field)
                named = model._base_manager.using(using).exclude(**{field.attname: ""})
                for key, name in named.order_by("pk").values_list("pk", field.attname).iterator():
                    yield storage, name, model, key


def rendition_files() -> Iterable[tuple[str, str]]:
    """Yield (storage, name) of the smaller pictures, which are made again when they are missing."""
    for model in stored_models():
        if issubclass(model, PictureModel):
            made = model._base_manager.exclude(renditions={})
            for renditions in made.values_list("renditions", flat=True).iterator():
                for name in rendition_file_names(renditions):
                    yield "media", name
