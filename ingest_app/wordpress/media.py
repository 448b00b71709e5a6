"""The files of the old site: a folder, or a ZIP of one, of which nothing outside is ever read."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.conf import settings
from django.core.files import File

COPY_CHUNK_BYTES = 256 * 1024
MAX_ZIP_MEMBERS = 500_000
# Paths of the uploads within the given folder, which may be theirs or any folder above it.
_UPLOADS_FOLDERS = ("", "uploads", "wp-content/uploads", "files")


class MediaError(ValueError):
    """A file that may not or cannot be read; the message says why."""


def checked_upload_path(path: str) -> str:
    """Return a path below the folder of uploads. Raises MediaError for one that leads out of it."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or "\x00" in path or ":" in parts[0]:
        raise MediaError(f"“{path[:200]}” is not a path below the uploads folder.")
    return "/".join(parts)


class NoMedia:
    """Nothing was given."""

    def size(self, path: str) -> int | None:
        """Return the size in bytes of the file at a path below the uploads, None without one."""
        checked_upload_path(path)
        return None

    def close(self) -> None:
        """Close all open files."""

    @contextmanager
    def open(self, path: str) -> Iterator[File]:
        raise MediaError("No media folder was given.")
        yield


class MediaFolder(NoMedia):
    def __init__(self, folder: Path):
        self.folder = folder.resolve()

    def _path_of_file(self, path):
        safe = checked_upload_path(path)
        for root in _UPLOADS_FOLDERS:
            place = (self.folder / root / safe).resolve()
            if not place.is_relative_to(self.folder):
                raise MediaError(f"“{path[:200]}” is outside the media folder.")
            if place.is_file():
                return place
        return None

    def size(self, path):
        try:
            place = self._path_of_file(path)
        except (OSError, ValueError) as error:
            if isinstance(error, MediaError):
                raise
            return None
        return place.stat().st_size if place else None

    @contextmanager
    def open(self, path):
        place = self._path_of_file(path)
        if place is None:
            raise MediaError("The media folder has no such file.")
        with place.open("rb") as content:
            yield File(content, name=place.name)


class MediaZip(NoMedia):
    """Members are read one by one, each up to the size a document may have: no bomb unfolds."""

    def __init__(self, content: BinaryIO):
        self.content = content
        try:
            self.zip = zipfile.ZipFile(content)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise MediaError(f"The media file is not a ZIP archive: {error}") from error
        members = self.zip.infolist()
        if len(members) > MAX_ZIP_MEMBERS:
            raise MediaError(f"The ZIP file has more than {MAX_ZIP_MEMBERS:,} members.")
        self.members = {}
        for member in members:
            try:
                self.members.setdefault(
                    self._path_below_uploads(checked_upload_path(member.filename)), member
                )
            except MediaError:
                continue  # never requested, so never read

    def close(self):
        self.zip.close()
        self.content.close()

    def _path_below_uploads(self, path):
        """Return a member's path below the uploads, whichever folder around them was packed."""
        parts = path.split("/")
        for start in range(min(len(parts), 5)):
            if parts[start] in ("uploads", "files"):
                return "/".join(parts[start + 1 :])
        return path

    def size(self, path):
        member = self.members.get(checked_upload_path(path))
        return member.file_size if member else None

    @contextmanager
    def open(self, path):
        member = self.members.get(checked_upload_path(path))
        if member is None:
            raise MediaError("The media folder has no such file.")
        limit = settings.DOCUMENT_MAX_BYTES
        with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as copy:
            try:
                with self.zip.open(member) as packed:
                    count = 0
                    while chunk := packed.read(COPY_CHUNK_BYTES):
                        count += len(chunk)
                        if count > limit:
                            raise MediaError(
                                f"It unpacks to more than {limit // 1024 // 1024} MB."
                            )
                        copy.write(chunk)
            except (
                zipfile.BadZipFile,
                NotImplementedError,
                RuntimeError,
                EOFError,
                OSError,
            ) as error:
                raise MediaError(f"It cannot be unpacked: {error}") from error
            copy.seek(0)
            file = File(copy, name=path.rsplit("/", 1)[-1])
            file.size = count
            yield file
