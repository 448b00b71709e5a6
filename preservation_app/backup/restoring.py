"""Restoring a backup into an empty archive, or over another one on request.

Everything is checked before anything is changed. Files are restored first, because they are not
visible without the database. The database is replaced atomically, after a comparison with the backup:
on PostgreSQL in a transaction, on SQLite in a file next to the real one, which SQLite's backup
interface copies in one transaction. Files of the replaced archive are overwritten, and deleted last.
A marker in VAR_DIR shows that a restore was interrupted, until one succeeds.
"""

import json
import os
import sqlite3
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousOperation
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from preservation_app import stored_files, tables
from preservation_app.progress import Progress
from site_app.sqlite_statistics import refresh_sqlite_statistics

from . import site_environment
from .encryption import Cipher
from .folder import (
    BackupError,
    BackupFolder,
    open_decrypted_lines,
    read_checksums,
    read_manifest,
    verify_checksums,
)
from .writing import FILE_LIST_NAME

UNFINISHED_MARKER_FILE = "restore-unfinished"  # in VAR_DIR
MAX_LOCK_WAIT_SECONDS = 20
DATABASE_BUSY_MESSAGE = (
    "Another program uses the database: stop web server, worker and tick first."
)
# Tables that migrations fill, or that a site fills without readers or editors.
TABLES_WITHOUT_ENTERED_DATA = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
    "django_session",
    "django_tasks_database_dbtaskresult",
    "recordings_app_requestsettings",
    "search_app_change",
    "desk_app_checkrun",
    "sessions_app_recurrencerun",
    "site_app_clockreading",
    "site_app_formattempt",
    "site_app_jobstate",
    "site_app_sitesettings",
}


@dataclass
class RestoreResult:
    name: str
    table_count: int = 0
    row_count: int = 0
    file_count: int = 0
    has_other_key: bool = False  # SECRET_KEY differs from that of the backup
    unsaved_file_count: int = 0  # files that were not in the backup
    was_migrated: bool = False  # to this release, after the comparison


def restore_backup(
    folder: Path,
    *,
    name: str = "",
    identity: Path | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> RestoreResult:
    """Restore the newest or the named backup, and compare all tables and files.

    Raises BackupError, EncryptionError or tables.LoadError; the database is then as it was before.
    """
    backups = BackupFolder(folder.absolute())
    names = backups.backup_names()
    if not names:
        raise BackupError(f"{folder} contains no complete backup.")
    if name and name not in names:
        raise BackupError(
            f"{folder}: there is no complete backup “{name}”, only {', '.join(names)}."
        )
    with backups.locked():
        run = BackupRestore(backups, name or names[-1], identity, replace, progress or Progress())
        return run.run()


def is_restore_unfinished() -> bool:
    """Return whether a restore on this machine was interrupted and none has finished since."""
    return (settings.VAR_DIR / UNFINISHED_MARKER_FILE).exists()


class BackupRestore:
    def __init__(self, backups, name, identity, replace, progress):
        self.backups, self.replace, self.progress = backups, replace, progress
        self.path = backups.path / name
        self.manifest = read_manifest(self.path)
        self.cipher = Cipher(self.manifest["encryption"] or "", identity=identity)
        self.mark = settings.VAR_DIR / UNFINISHED_MARKER_FILE

    def run(self) -> RestoreResult:
        self.progress.step("checking", sum(p.stat().st_size for p in self._paths_to_verify()), "B")
        verify_checksums(self.path, self.progress.done)
        self.entries = self._read_file_entries()
        self.targets = self._migration_targets()
        self._refuse_unless_empty()
        self._write_unfinished_marker()
        present = {(file.storage, file.name): file for file in stored_files.stored_files()}
        self.progress.step("files", sum(entry["bytes"] for entry in self.entries.values()), "B")
        different = [
            key
            for key, entry in self.entries.items()
            if key in present and self._file_differs(key, entry)
        ]
        for key in self.entries.keys() - present.keys():
            self._restore_file(key)
        with database_to_fill(self.manifest):
            self._fill_database()
        for key in different:
            self._restore_file(key)
        for storage, file_name in present.keys() - self.entries.keys():
            stored_files.storage_named(storage).delete(file_name)
        self._verify_restored_files()
        self.mark.unlink()
        ContentType.objects.clear_cache()
        result = RestoreResult(
            name=self.path.name,
            table_count=len(self.manifest["tables"]),
            row_count=sum(table["rows"] for table in self.manifest["tables"]),
            file_count=len(self.entries),
            has_other_key=not site_environment.is_same_secret_key(self.manifest["key_check"]),
            unsaved_file_count=self.manifest["unsaved_file_count"],
        )
        refresh_sqlite_statistics()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)
            result.was_migrated = True
        return result

    def _paths_to_verify(self):
        return [path for path in read_checksums(self.path) if path.exists()]

    def _read_file_entries(self):
        found = {}
        with open_decrypted_lines(
            self.path / f"{FILE_LIST_NAME}{self.cipher.suffix}", self.cipher
        ) as lines:
            for line in lines:
                entry = json.loads(line)
                key = entry["storage"], entry["name"]
                if key[0] not in stored_files.STORAGE_ALIAS_OF_NAME:
                    raise BackupError(f"{self.path / FILE_LIST_NAME}: unknown storage “{key[0]}”.")
                found[key] = entry
        for storage, name in found:
            try:
                stored_files.check_file_name(storage, name)
            except SuspiciousOperation as error:
                raise BackupError(
                    f"{self.path / FILE_LIST_NAME}: the name “{name}” is unusable."
                ) from error
        return found

    def _migration_targets(self):
        """Return the newest migration of each app in the backup. Raises BackupError."""
        loader = MigrationExecutor(connection).loader
        applied = {tuple(key) for key in self.manifest["migrations"]}
        known = applied & loader.graph.nodes.keys()
        # Apps removed from the project have left their tables behind.
        apps = {app for app, _name in loader.graph.nodes}
        if unknown := sorted(key for key in applied - known if key[0] in apps):
            raise BackupError(
                f"The backup was made by a newer release (migration {'.'.join(unknown[0])} is not "
                f"known here): restore it with release {self.manifest['release']} or a later one."
            )
        return [
            key
            for key in known
            if not any(
                child in known and child[0] == key[0] for child in _child_migrations(loader, key)
            )
        ]

    def _refuse_unless_empty(self):
        if self.replace:
            return
        what = tables_with_entered_rows()
        foreign = [
            file.label
            for file in stored_files.stored_files()
            if not self._may_be_from_interrupted_restore(file)
        ]
        if foreign:
            what.append(f"files such as {foreign[0]}")
        if what:
            raise BackupError(
                f"This archive is not empty (it has {', '.join(what[:4])}). Restore into an empty "
                "machine, or give --replace: all that is here is then deleted."
            )

    def _may_be_from_interrupted_restore(self, file):
        """Return whether a file may have been stored by an interrupted restore."""
        entry = self.entries.get((file.storage, file.name))
        return entry is not None and entry["bytes"] == file.byte_count

    def _write_unfinished_marker(self):
        with self.mark.open("w") as file:
            file.write(self.path.name + "\n")
            file.flush()
            os.fsync(file.fileno())
        stored_files.sync_folder(self.mark.parent)

    def _file_differs(self, key, entry):
        return stored_files.sha256_of_file(*key) != entry["sha256"]

    def _restore_file(self, key):
        entry = self.entries[key]
        path = self.backups.object_path(entry["sha256"], self.cipher.suffix)
        with self.cipher.open_decrypted(path) as content:
            try:
                stored_files.store_file(*key, content, entry["modified"])
            except OSError as error:
                raise BackupError(f"{'/'.join(key)}: {error.strerror or error}.") from error
        self.progress.done(entry["bytes"])

    def _verify_restored_files(self):
        self.progress.step(
            "comparing", sum(entry["bytes"] for entry in self.entries.values()), "B"
        )
        wrong = [
            "/".join(key)
            for key, entry in self.entries.items()
            if stored_files.sha256_of_file(*key, on_read=self.progress.done) != entry["sha256"]
        ]
        if wrong:
            raise BackupError(
                f"Not as in the backup after it was written: {', '.join(wrong[:5])}."
            )

    def _fill_database(self):
        # Check deferred constraints after each migration, as at the end of a transaction:
        # PostgreSQL cannot alter a table that has pending constraint checks.
        executor = MigrationExecutor(connection, lambda *step: connection.check_constraints())
        executor.migrate(self.targets)
        loader = MigrationExecutor(connection).loader
        # The tables as of the backup, which may be those of an older release.
        apps = loader.project_state(self.targets).apps
        models = {model._meta.db_table: model for model in tables.stored_models(apps)}
        listed = {table["table"]: table for table in self.manifest["tables"]}
        if missing := sorted(models.keys() ^ listed.keys()):
            raise BackupError(f"{self.path}: the tables do not agree in {', '.join(missing)}.")
        self.progress.step("rows", sum(table["rows"] for table in listed.values()), "")
        with connection.constraint_checks_disabled(), transaction.atomic():
            _delete_all_rows(models)
            for table, model in models.items():
                path = self.path / f"{listed[table]['file']}{self.cipher.suffix}"
                with open_decrypted_lines(path, self.cipher) as lines:
                    tables.load_table(model, lines, DEFAULT_DB_ALIAS, self.progress.done)
        connection.check_constraints()
        tables.set_last_ids(self.manifest["last_ids"], DEFAULT_DB_ALIAS, apps)
        self.progress.step("comparing", sum(table["rows"] for table in listed.values()), "")
        for table, model in models.items():
            digest = tables.table_digest(model, DEFAULT_DB_ALIAS)
            self.progress.done(digest.row_count)
            if digest.hexdigest() != listed[table]["content"]:
                raise BackupError(
                    f"The table {table} is not as in the backup after it was written "
                    f"({digest.row_count} rows, {listed[table]['rows']} in the backup)."
                )


def _child_migrations(loader, key):
    return [node.key for node in loader.graph.node_map[key].children]


def _delete_all_rows(models):
    with connection.cursor() as cursor:
        quoted = [connection.ops.quote_name(table) for table in models]
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(quoted)}")
            return
        for table in quoted:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our models


def tables_with_entered_rows() -> list[str]:
    """Return which tables contain entered data, such as "3 rows of auth_user"."""
    there = set(connection.introspection.table_names())
    found = {}
    for model in tables.stored_models():
        table = model._meta.db_table
        if table in there and table not in TABLES_WITHOUT_ENTERED_DATA:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
                if count := cursor.fetchone()[0]:
                    found[table] = count
    most_first = sorted(found.items(), key=lambda item: -item[1])
    return [f"{count} rows of {table}" for table, count in most_first]


@contextmanager
def database_to_fill(manifest: dict):
    """Give the default connection a database to migrate, empty and fill, then put it into use.

    Its tables are those that are there, if the migrations of the backup made them, or else none. If
    the block raises, or the process is killed, everything is as it was before.
    """
    applied = {tuple(key) for key in manifest["migrations"]}
    is_same = set(MigrationRecorder(connection).applied_migrations()) == applied
    if connection.vendor == "sqlite":
        with _replacement_sqlite_file(copies_tables=is_same):
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true)", [f"{MAX_LOCK_WAIT_SECONDS}s"]
        )
        names = {model._meta.db_table for model in tables.stored_models()}
        names |= {table["table"] for table in manifest["tables"]}
        present = names & set(connection.introspection.table_names(cursor))
        quoted = ", ".join(connection.ops.quote_name(name) for name in sorted(present))
        try:
            if is_same:
                cursor.execute(f"LOCK TABLE {quoted}")
            elif present:
                cursor.execute(f"DROP TABLE {quoted} CASCADE")
        except OperationalError as error:
            raise BackupError(DATABASE_BUSY_MESSAGE) from error
        yield


@contextmanager
def _replacement_sqlite_file(*, copies_tables):
    real = Path(connection.settings_dict["NAME"])
    unfinished = real.with_name(real.name + stored_files.UNFINISHED_SUFFIX)
    _remove_sqlite_files(unfinished)
    connection.close()
    if copies_tables:
        _copy_sqlite_database(real, unfinished)
    connection.settings_dict["NAME"] = unfinished
    try:
        yield
    except BaseException:
        connection.close()
        _remove_sqlite_files(unfinished)
        raise
    finally:
        connection.close()
        connection.settings_dict["NAME"] = real
    _copy_sqlite_database(unfinished, real)
    _remove_sqlite_files(unfinished)


def _copy_sqlite_database(source_path, target_path):
    """Copy one SQLite file over another in one transaction, which others may have open."""
    end = time.monotonic() + MAX_LOCK_WAIT_SECONDS

    def check_time(status, remaining, total):
        if remaining and time.monotonic() > end:
            raise BackupError(DATABASE_BUSY_MESSAGE)

    with (
        closing(sqlite3.connect(source_path)) as source,
        closing(sqlite3.connect(target_path, timeout=MAX_LOCK_WAIT_SECONDS)) as target,
    ):
        target.execute("PRAGMA synchronous=FULL")
        source.backup(target, progress=check_time)
    stored_files.sync_folder(target_path.parent)


def _remove_sqlite_files(path):
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
