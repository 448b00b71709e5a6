"""Making backups: database, files and settings of one moment, while people write.

Files are copied before the database is read and again after it, so that every file the database
names is there: one that is added in between comes with the second look, one that is deleted was
copied at the first. A file is never changed under its name.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from preservation_app import stored_files, tables
from preservation_app.progress import Progress
from preservation_app.stored_files import StoredFile

from . import site_environment
from .encryption import Cipher
from .folder import (
    BACKUP_FORMAT,
    SETTINGS_FILE,
    BackupError,
    BackupFolder,
    BackupWriter,
    open_decrypted_lines,
)
from .snapshots import database_snapshot

FILE_LIST_NAME = "files.jsonl.gz"
MAX_SNAPSHOTS = 3  # a file deleted between two snapshots makes another one necessary


@dataclass
class BackupResult:
    name: str
    path: Path
    row_count: int = 0
    file_count: int = 0
    byte_count: int = 0
    new_objects: int = 0
    unsaved: dict[str, str] = field(default_factory=dict)  # file: why it is not in the backup
    removed: list[str] = field(default_factory=list)  # older backups


def make_backup(
    folder: Path,
    *,
    cipher: Cipher | None = None,
    keep: int | None = None,
    progress: Progress | None = None,
) -> BackupResult:
    """Make one complete backup in `folder` and return its contents.

    `keep`: the number of backups to keep, including this one. Raises BackupError, EncryptionError or
    OSError, and then leaves nothing that looks like a backup.
    """
    folder = folder.absolute()
    _check_preconditions(folder)
    backups = BackupFolder(folder)
    with backups.locked():
        backups.remove_partial_backups()
        name = _unused_backup_name(backups, datetime.now(UTC))
        writer = BackupWriter(backups, name, cipher or Cipher())
        try:
            result = BackupRun(backups, writer, progress or Progress()).run()
        except BaseException:
            backups.remove_partial_backups()
            raise
        if keep:
            result.removed = backups.remove_older_backups(keep)
    return result


def _check_preconditions(folder):
    for other in stored_files.storage_folders():
        if folder == other or other in folder.parents or folder in other.parents:
            raise BackupError(
                f"{folder}: the folder of backups must be separate from the stored files in {other}."
            )
    if waiting := first_pending_migration():
        raise BackupError(f"Run “manage.py migrate” first: {waiting} is not applied.")


def first_pending_migration() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return str(plan[0][0]) if plan else ""


def _unused_backup_name(backups, now):
    """Return a name that sorts after the existing ones: the newest backup has the last name."""
    name = now.strftime("%Y-%m-%dT%H%M%SZ")
    newest = max(
        (former for former in backups.backup_names() if former.startswith(name)), default=""
    )
    number, free = 1, name
    while free <= newest or (backups.path / free).exists():
        number += 1
        free = f"{name}-{number}"
    return free


class BackupRun:
    def __init__(self, backups, writer, progress):
        self.backups, self.writer, self.progress = backups, writer, progress
        self.result = BackupResult(writer.name, backups.path / writer.name)
        self.saved: dict[tuple[str, str], dict] = {}  # (storage, name): line of FILES
        self.former = self._digests_of_newest_backup()

    def _digests_of_newest_backup(self):
        """Return {(storage, name, size, time of change): SHA-256} of the newest backup.

        An encrypted one is not read: this machine need not be able to. All files are read then.
        """
        names = self.backups.backup_names()
        if not names or self.writer.cipher.program:
            return {}
        path = self.backups.path / names[-1] / FILE_LIST_NAME
        if not path.exists():
            return {}
        with open_decrypted_lines(path, Cipher()) as lines:
            entries = [json.loads(line) for line in lines]
        return {
            (entry["storage"], entry["name"], entry["bytes"], entry["modified"]): entry["sha256"]
            for entry in entries
        }

    def run(self) -> BackupResult:
        started = datetime.now(UTC)
        self.save_new_files()
        for attempt in range(1, MAX_SNAPSHOTS + 1):
            with database_snapshot(self.writer.path) as using:
                present = self.save_new_files()
                gone = self.named_files_not_saved(using)
                if gone and attempt < MAX_SNAPSHOTS and not self.are_still_named(gone):
                    continue  # deleted just now; the next snapshot no longer refers to it
                missing = dict.fromkeys(gone, "the database names it, and it is not there")
                self.result.unsaved |= {
                    f"{storage}/{name}": why for (storage, name), why in missing.items()
                }
                listed = self.dump_tables(using)
                named = {
                    (storage, name)
                    for storage, name, *_ in stored_files.files_named_by_records(using)
                }
                last_ids = tables.last_ids(using)
                migrations = sorted(MigrationRecorder(connections[using]).applied_migrations())
            break
        self.write_file_list(present | named)
        with self.writer.open_for_writing(SETTINGS_FILE, is_secret=False) as file:
            file.write(site_environment.settings_as_env_file().encode())
        path = self.writer.finish(
            {
                "format": BACKUP_FORMAT,
                "name": self.writer.name,
                "started_at": started.isoformat(timespec="seconds"),
                "release": site_environment.release_in_use(),
                "database": connection.vendor,
                "encryption": self.writer.cipher.program or None,
                "key_check": site_environment.secret_key_digest(),
                "migrations": [list(key) for key in migrations],
                "tables": listed,
                "last_ids": last_ids,
                "file_count": self.result.file_count,
                "byte_count": self.result.byte_count,
                "unsaved_file_count": len(self.result.unsaved),
            }
        )
        self.result.path = path
        return self.result

    def save_new_files(self) -> set[tuple[str, str]]:
        """Save every stored file that is not saved yet; return those that are there."""
        present = list(stored_files.stored_files())
        new = [file for file in present if self._needs_saving(file)]
        self.progress.step("files", sum(file.byte_count for file in new), "B")
        for file in new:
            self._save_file(file)
        return {(file.storage, file.name) for file in present}

    def _needs_saving(self, file: StoredFile):
        saved = self.saved.get((file.storage, file.name))
        return saved is None or (saved["bytes"], saved["modified"]) != (
            file.byte_count,
            file.modified,
        )

    def _save_file(self, file: StoredFile):
        sha256, size = self.former.get((*file[:2], *file[2:])), file.byte_count
        if sha256 and self.writer.has_object(sha256, size):
            self.writer.reference_object(sha256)
            self.progress.done(size)
        else:
            try:
                source = stored_files.open_file(file.storage, file.name)
            except FileNotFoundError:
                # Deleted in the meantime; whether the database still refers to it is checked later.
                return
            except OSError as error:
                self.result.unsaved[file.label] = error.strerror or str(error)
                return
            with source:
                sha256, size = self.writer.add_object(source, self.progress.done)
        self.saved[file.storage, file.name] = {
            "storage": file.storage,
            "name": file.name,
            "sha256": sha256,
            "bytes": size,
            "modified": file.modified,
        }

    def named_files_not_saved(self, using) -> set[tuple[str, str]]:
        named = {
            (storage, name) for storage, name, *_ in stored_files.files_named_by_records(using)
        }
        unread = {tuple(label.split("/", 1)) for label in self.result.unsaved}
        return named - self.saved.keys() - unread

    def are_still_named(self, gone):
        now = {(storage, name) for storage, name, *_ in stored_files.files_named_by_records()}
        return gone <= now

    def write_file_list(self, wanted):
        with self.writer.open_for_writing(FILE_LIST_NAME) as file:
            for key in sorted(wanted & self.saved.keys()):
                entry = self.saved[key]
                file.write(tables.json_line(entry))
                self.result.file_count += 1
                self.result.byte_count += entry["bytes"]

    def dump_tables(self, using) -> list[dict]:
        listed = []
        models = tables.stored_models()
        counts = {model: model._base_manager.using(using).count() for model in models}
        self.progress.step("rows", sum(counts.values()), "")
        for model in models:
            table = model._meta.db_table
            name = f"tables/{table}.jsonl.gz"
            with self.writer.open_for_writing(name) as file:
                digest = tables.dump_table(model, using, file.write)
            self.progress.done(digest.row_count)
            listed.append(
                {
                    "table": table,
                    "model": model._meta.label_lower,
                    "file": name,
                    "rows": digest.row_count,
                    "content": digest.hexdigest(),
                }
            )
            self.result.row_count += digest.row_count
        return listed
