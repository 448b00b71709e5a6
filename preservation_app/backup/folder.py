"""The backup folder: files by SHA-256, shared by all backups, and a folder per backup.

    objects/ab/abcdef…          a stored file, under the SHA-256 of its content (.age, .gpg: encrypted)
    2026-11-28T023000Z/         one backup
        manifest.json           its contents: tables, counts, migrations, release
        files.jsonl.gz          every stored file: storage, name, SHA-256
        settings.env            the settings that are not secret
        tables/*.jsonl.gz       the database
        SHA256SUMS              of all of these and of the objects; readable by sha256sum -c
    .2026-11-28T023000Z.partial/  a backup in progress, or an interrupted one

A backup gets its name once all of it has been written to disk, never before.
"""

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from preservation_app.stored_files import read_blocks, sync_folder

from .encryption import Cipher

BACKUP_FORMAT = "archive-backup-1"
MANIFEST_FILE, CHECKSUMS_FILE, SETTINGS_FILE = "manifest.json", "SHA256SUMS", "settings.env"
BACKUP_NAME_PATTERN = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z(-\d+)?")
PARTIAL_SUFFIX = ".partial"


class BackupError(Exception):
    """Why a backup cannot be made, read or restored, in a sentence that names the file."""


def reason_in_words(error: Exception) -> str:
    """Return why something cannot be read, as the operating system says it where it does."""
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"


class BackupFolder:
    def __init__(self, path: Path):
        self.path = path
        self.objects = path / "objects"

    def backup_names(self) -> list[str]:
        """Return the names of the complete backups, oldest first."""
        if not self.path.is_dir():
            return []
        found = (
            entry.name
            for entry in self.path.iterdir()
            if BACKUP_NAME_PATTERN.fullmatch(entry.name)
        )
        return sorted(name for name in found if (self.path / name / CHECKSUMS_FILE).is_file())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder against other backups; create it if necessary."""
        if self.path.exists() and not self.path.is_dir():
            raise BackupError(f"{self.path} is a file; give the name of a folder.")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BackupError(f"{self.path}: {error.strerror}.") from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BackupError(
                    f"{self.path}: another backup is being made or restored there."
                ) from error
            yield
        finally:
            os.close(lock)

    def object_path(self, sha256: str, suffix: str) -> Path:
        return self.objects / sha256[:2] / f"{sha256}{suffix}"

    def remove_partial_backups(self) -> None:
        """Remove remains of interrupted backups and removals."""
        complete = set(self.backup_names())
        for entry in self.path.iterdir():
            is_half_removed = (
                BACKUP_NAME_PATTERN.fullmatch(entry.name) and entry.name not in complete
            )
            if is_half_removed or entry.name.endswith(PARTIAL_SUFFIX):
                shutil.rmtree(entry, ignore_errors=True)

    def remove_older_backups(self, keep: int) -> list[str]:
        """Remove all but the newest `keep` backups, and objects that none of them needs."""
        names = self.backup_names()
        gone, kept = names[:-keep], names[-keep:]
        for name in gone:
            # Without its checksums the folder is not a valid backup, even if the deletion is
            # interrupted.
            (self.path / name / CHECKSUMS_FILE).unlink()
            shutil.rmtree(self.path / name)
        needed = {path.name for name in kept for path in read_checksums(self.path / name)}
        for path in self.objects.glob("??/*"):
            if path.name not in needed:
                path.unlink()
        return gone


class BackupWriter:
    """A backup in progress; `finish` gives it its name."""

    def __init__(self, folder: BackupFolder, name: str, cipher: Cipher):
        self.folder, self.name, self.cipher = folder, name, cipher
        self.path = folder.path / f".{name}{PARTIAL_SUFFIX}"
        self.sums: dict[str, str] = {}  # path as in SHA256SUMS: sha256
        self.path.mkdir(mode=0o700)
        (self.path / "tables").mkdir()
        folder.objects.mkdir(mode=0o700, exist_ok=True)
        self._known = self._checksums_of_encrypted_objects()
        self._changed_folders = {self.path, self.path / "tables", folder.objects}

    def _checksums_of_encrypted_objects(self):
        """Return {name: checksum} of encrypted objects that a complete backup needs.

        They must not be written again: encrypting the same content again gives another checksum.
        """
        if not self.cipher.program:
            return {}
        return {
            path.name: sha256
            for name in self.folder.backup_names()
            for path, sha256 in read_checksums(self.folder.path / name).items()
            if path.name.endswith(self.cipher.suffix)
        }

    def add_object(self, source: BinaryIO, on_read: Callable[[int], object]) -> tuple[str, int]:
        """Store the content of `source`; return (SHA-256, size). An existing object is kept."""
        digest, size = hashlib.sha256(), 0
        unfinished = self.path / "object"
        with unfinished.open("wb") as target:
            with self.cipher.open_for_encryption(target) as encrypted:
                for block in read_blocks(source):
                    digest.update(block)
                    encrypted.write(block)
                    size += len(block)
                    on_read(len(block))
            target.flush()
            os.fsync(target.fileno())
        sha256 = digest.hexdigest()
        path = self.folder.object_path(sha256, self.cipher.suffix)
        if self._is_stored_file(path, size):
            unfinished.unlink()
        else:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            unfinished.replace(path)
            self._known.pop(path.name, None)
            self._changed_folders.add(path.parent)
        self.reference_object(sha256)
        return sha256, size

    def has_object(self, sha256: str, size: int) -> bool:
        return self._is_stored_file(self.folder.object_path(sha256, self.cipher.suffix), size)

    def _is_stored_file(self, path, size):
        if self.cipher.program:
            return path.is_file() and path.name in self._known
        return path.is_file() and path.stat().st_size == size

    def reference_object(self, sha256: str) -> None:
        """Make the backup refer to an existing object."""
        path = self.folder.object_path(sha256, self.cipher.suffix)
        if not self.cipher.program:
            stored = sha256
        else:
            stored = self._known.get(path.name) or file_sha256(path)
            self._known[path.name] = stored
        self.sums[f"../objects/{path.parent.name}/{path.name}"] = stored

    @contextmanager
    def open_for_writing(self, name: str, *, is_secret: bool = True) -> Iterator[BinaryIO]:
        """Yield a file of the backup to write to; gzip by its name, encrypted if it is secret."""
        cipher = self.cipher if is_secret else Cipher()
        path = self.path / f"{name}{cipher.suffix}"
        with path.open("wb") as target:
            with cipher.open_for_encryption(target) as encrypted:
                if name.endswith(".gz"):
                    # No timestamp, so that the same rows give the same bytes.
                    with gzip.GzipFile("", "wb", 6, encrypted, mtime=0) as packed:
                        yield packed
                else:
                    yield encrypted
            target.flush()
            os.fsync(target.fileno())
        self.sums[f"{name}{cipher.suffix}"] = file_sha256(path)

    def finish(self, manifest: dict) -> Path:
        """Write the manifest and checksums, sync everything to disk, and give the backup its name."""
        with self.open_for_writing(MANIFEST_FILE, is_secret=False) as file:
            file.write(json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n")
        lines = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(self.sums.items()))
        with (self.path / CHECKSUMS_FILE).open("w", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        for folder in self._changed_folders:
            sync_folder(folder)
        path = self.folder.path / self.name
        self.path.rename(path)
        sync_folder(self.folder.path)
        return path


def read_checksums(backup: Path) -> dict[Path, str]:
    """Return {path: SHA-256} of everything a backup needs. Raises BackupError."""
    found = {}
    try:
        for line in (backup / CHECKSUMS_FILE).read_text(encoding="utf-8").splitlines():
            sha256, _, name = line.partition("  ")
            if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not re.fullmatch(
                r"(\.\./objects/[0-9a-f]{2}/|tables/)?[\w.]+", name
            ):
                raise BackupError(
                    f"{backup / CHECKSUMS_FILE} is damaged: it has the line “{line[:100]}”."
                )
            found[backup / name] = sha256
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(
            f"{backup / CHECKSUMS_FILE} cannot be read: {reason_in_words(error)}."
        ) from error
    return found


def read_manifest(backup: Path) -> dict:
    """Return the manifest of a backup. Raises BackupError."""
    path = backup / MANIFEST_FILE
    try:
        manifest = json.loads(path.read_bytes())
        found = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} cannot be read: {reason_in_words(error)}.") from error
    if found != BACKUP_FORMAT:
        raise BackupError(
            f"{path}: the format is “{found}”, this release reads {BACKUP_FORMAT}; "
            "restore with the release that made the backup."
        )
    return manifest


def verify_checksums(backup: Path, on_read: Callable[[int], object] = lambda size: None) -> None:
    """Compare every file of a backup with its SHA-256. Raises BackupError naming the files."""
    sums = read_checksums(backup)
    wrong = (
        []
        if backup / MANIFEST_FILE in sums
        else [f"{backup / CHECKSUMS_FILE} lacks {MANIFEST_FILE}"]
    )
    for path, sha256 in sums.items():
        try:
            if file_sha256(path, on_read) != sha256:
                wrong.append(f"{path} is damaged")
        except OSError as error:
            wrong.append(f"{path}: {error.strerror}")
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise BackupError(f"The backup is not complete: {'; '.join(wrong[:5])}{more}.")


def file_sha256(path: Path, on_read: Callable[[int], object] = lambda size: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in read_blocks(file):
            digest.update(block)
            on_read(len(block))
    return digest.hexdigest()


@contextmanager
def open_decrypted_lines(path: Path, cipher: Cipher) -> Iterator[Iterator[bytes]]:
    """Yield the lines of a .jsonl.gz file of a backup, decrypted."""
    with cipher.open_decrypted(path) as file, gzip.GzipFile(fileobj=file) as lines:
        yield lines
