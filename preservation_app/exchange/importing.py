"""Importing an exported archive into one without sessions, people and files."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bagit
from django.core.exceptions import SuspiciousOperation
from django.db import DEFAULT_DB_ALIAS, connection, transaction

from preservation_app import stored_files, tables
from preservation_app.backup.folder import BackupError, file_sha256, reason_in_words
from preservation_app.backup.writing import first_pending_migration
from preservation_app.progress import Progress
from search_app import change_log

from .archive_rows import MODELS_TO_REPLACE, ArchiveRows, content_type_ids, exported_models
from .exporting import EXPORT_FORMAT


@dataclass
class ArchiveImportResult:
    row_count: int = 0
    file_count: int = 0


def import_archive(folder: Path, *, progress: Progress | None = None) -> ArchiveImportResult:
    """Import an export of `export_archive`, and compare every row and file.

    All of the database in one transaction. Raises BackupError or tables.LoadError, and then no row has
    changed; files that were stored are taken as they are by another try.
    """
    if waiting := first_pending_migration():
        raise BackupError(f"Run “manage.py migrate” first: {waiting} is not applied.")
    return ArchiveImport(folder.absolute(), progress or Progress()).run()


class ArchiveImport:
    def __init__(self, folder, progress):
        self.progress = progress
        self.payload = _payload_folder(folder)
        self.manifest = _read_manifest(self.payload / "manifest.json")
        self.listed = {table["model"]: table for table in self.manifest["tables"]}
        allowed = {model._meta.label_lower: model for model in exported_models(is_public=False)}
        for label, table in self.listed.items():
            model = allowed.get(label)
            if model is None:
                raise BackupError(f"{self.payload}: this release knows no {label} in an archive.")
            if newer := set(table["columns"]) - set(tables.column_names(model)):
                raise BackupError(
                    f"{self.payload}: {label} has the column {sorted(newer)[0]}, which this "
                    f"release does not know; import with release {self.manifest['release']}."
                )
        self.models = [model for label, model in allowed.items() if label in self.listed]

    def run(self) -> ArchiveImportResult:
        self._refuse_unless_empty()
        entries = self._verified_file_entries()
        for entry in entries:
            self._store_missing_file(entry)
        with connection.constraint_checks_disabled(), transaction.atomic():
            self._load_tables()
            change_log.record_that_everything_changed()
        self._compare_files(entries)
        return ArchiveImportResult(
            sum(table["rows"] for table in self.listed.values()), len(entries)
        )

    def _refuse_unless_empty(self):
        for model in self.models:
            if model._meta.label_lower not in MODELS_TO_REPLACE and model._base_manager.exists():
                raise BackupError(
                    f"This archive is not empty: it has {model._meta.verbose_name_plural}. Import "
                    "into a new database."
                )

    def _verified_file_entries(self):
        """Return the lines of files.jsonl, each compared with its file."""
        entries, wrong = [], []
        with (self.payload / "files.jsonl").open("rb") as lines:
            entries = [json.loads(line) for line in lines]
        self.progress.step("checking", sum(entry["bytes"] for entry in entries), "B")
        for entry in entries:
            storage, name = entry["storage"], entry["name"]
            path = self.payload / "files" / storage / name
            try:
                if storage not in stored_files.STORAGE_ALIAS_OF_NAME:
                    raise SuspiciousOperation(storage)
                stored_files.check_file_name(storage, name)
                if file_sha256(path, self.progress.done) != entry["sha256"]:
                    wrong.append(f"{path} is damaged")
            except SuspiciousOperation as error:
                raise BackupError(f"{self.payload}: the name “{name}” is unusable.") from error
            except OSError as error:
                wrong.append(f"{path}: {error.strerror}")
        if wrong:
            raise BackupError(f"The archive is not complete: {'; '.join(wrong[:5])}.")
        return entries

    def _store_missing_file(self, entry):
        storage, name = entry["storage"], entry["name"]
        if stored_files.storage_named(storage).exists(name):
            if stored_files.sha256_of_file(storage, name) == entry["sha256"]:
                return  # left by an interrupted import
            raise BackupError(f"{storage}/{name} is here already, with another content.")
        with (self.payload / "files" / storage / name).open("rb") as content:
            try:
                stored_files.store_file(storage, name, content, datetime.now(UTC).isoformat())
            except OSError as error:
                raise BackupError(f"{storage}/{name}: {error.strerror or error}.") from error

    def _compare_files(self, entries):
        for entry in entries:
            if stored_files.sha256_of_file(entry["storage"], entry["name"]) != entry["sha256"]:
                raise BackupError(
                    f"{entry['storage']}/{entry['name']} is not as in the archive after it was "
                    "written."
                )

    def _load_tables(self):
        self.progress.step("rows", sum(table["rows"] for table in self.listed.values()), "")
        type_ids = content_type_ids()

        def adapt_row(row):
            if "content_type_id" in row:
                row["content_type_id"] = type_ids[row["content_type_id"]]
            return row

        last_ids = tables.last_ids(DEFAULT_DB_ALIAS)
        for model in self.models:
            if model._meta.label_lower in MODELS_TO_REPLACE:
                model._base_manager.all().delete()
            path = self.payload / "tables" / f"{model._meta.db_table}.jsonl"
            with path.open("rb") as lines:
                tables.load_table(
                    model, lines, DEFAULT_DB_ALIAS, self.progress.done, adapt_row=adapt_row
                )
        connection.check_constraints()
        for table, last in self.manifest["last_ids"].items():
            last_ids[table] = max(last, last_ids.get(table, 0))
        last_ids |= {
            table: max(last, last_ids.get(table, 0))
            for table, last in tables.last_ids(DEFAULT_DB_ALIAS).items()
        }
        tables.set_last_ids(last_ids, DEFAULT_DB_ALIAS)
        self._compare_tables()

    def _compare_tables(self):
        archive = ArchiveRows(DEFAULT_DB_ALIAS, is_public=False)
        for model in archive.models:
            digest = tables.ContentDigest(model)
            for row in archive.rows(model):
                digest.add(row)
            table = self.listed.get(model._meta.label_lower)
            same_columns = table and table["columns"] == tables.column_names(model)
            if same_columns and digest.hexdigest() != table["content"]:
                raise BackupError(
                    f"{model._meta.db_table} is not as in the archive after it was written "
                    f"({digest.row_count} rows, {table['rows']} in the archive)."
                )


def _payload_folder(folder: Path) -> Path:
    """Return the folder of manifest.json; a bag is validated as a whole first."""
    if not (folder / "bagit.txt").exists():
        return folder
    try:
        bagit.Bag(str(folder)).validate()
    except bagit.BagError as error:
        raise BackupError(f"{folder} is not a valid bag: {error}") from error
    return folder / "data"


def _read_manifest(path: Path) -> dict:
    try:
        manifest = json.loads(path.read_bytes())
        found = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(
            f"{path} cannot be read: {reason_in_words(error)}. Give the folder that "
            "export_archive wrote."
        ) from error
    if found != EXPORT_FORMAT:
        raise BackupError(f"{path}: the format is “{found}”, this release reads {EXPORT_FORMAT}.")
    return manifest
