"""Exporting the archive without accounts and their data, for another archive or for storage.

    manifest.json            format, release, tables with counts and digests
    tables/<table>.jsonl     one JSON object a row
    files.jsonl              every file: storage, name, SHA-256, size
    files/media/… private/…  the files themselves

As a BagIt bag (RFC 8493) these lie below data/. The folder gets its name when it is complete.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import bagit
from django.conf import settings

from preservation_app import stored_files, tables
from preservation_app.backup.folder import PARTIAL_SUFFIX, BackupError
from preservation_app.backup.snapshots import database_snapshot
from preservation_app.backup.writing import first_pending_migration
from preservation_app.progress import Progress

from .archive_rows import ArchiveRows, files_of_row

EXPORT_FORMAT = "archive-export-1"
PACKAGE_FORMATS = ("bagit", "jsonl")


@dataclass
class ArchiveExportResult:
    path: Path
    row_count: int = 0
    file_count: int = 0
    byte_count: int = 0
    unsaved: dict[str, str] = field(default_factory=dict)  # file: why it is not in the export


def export_archive(
    folder: Path,
    *,
    form: str = "bagit",
    is_public: bool = False,
    progress: Progress | None = None,
) -> ArchiveExportResult:
    """Export the archive to `folder`, which must be empty or missing.

    Raises BackupError or OSError, and then leaves nothing under that name.
    """
    folder, progress = folder.absolute(), progress or Progress()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder}: is there already; give the name of a new folder.")
    if waiting := first_pending_migration():
        raise BackupError(f"Run “manage.py migrate” first: {waiting} is not applied.")
    unfinished = folder.with_name(f".{folder.name}{PARTIAL_SUFFIX}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        with database_snapshot(unfinished) as using:
            result = _write_archive(
                unfinished, folder, ArchiveRows(using, is_public=is_public), progress
            )
        if form == "bagit":
            bagit.make_bag(
                str(unfinished),
                {
                    "Source-Organization": settings.SITE_NAME,
                    "External-Identifier": settings.SITE_URL,
                    "External-Description": "Archive of sessions, with people, files and history",
                },
                checksums=["sha256"],
            )
        for path in unfinished.rglob("*"):
            _sync_file_or_folder(path)
        stored_files.sync_folder(unfinished)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    if folder.exists():
        folder.rmdir()
    unfinished.rename(folder)
    stored_files.sync_folder(folder.parent)
    return result


def _sync_file_or_folder(path):
    if path.is_dir():
        stored_files.sync_folder(path)
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _write_archive(target, folder, archive, progress) -> ArchiveExportResult:
    result, listed, wanted = ArchiveExportResult(folder), [], {}
    (target / "tables").mkdir()
    counts = {model: model._base_manager.using(archive.using).count() for model in archive.models}
    progress.step("rows", sum(counts.values()), "")
    for model in archive.models:
        table = model._meta.db_table
        digest = tables.ContentDigest(model)
        with (target / "tables" / f"{table}.jsonl").open("wb") as file:
            for row in archive.rows(model):
                digest.add(row)
                file.write(tables.json_line(row))
                wanted.update(dict.fromkeys(files_of_row(model, row)))
        progress.done(counts[model])
        listed.append(
            {
                "table": table,
                "model": model._meta.label_lower,
                "columns": tables.column_names(model),
                "rows": digest.row_count,
                "content": digest.hexdigest(),
            }
        )
        result.row_count += digest.row_count
    _write_files(target, sorted(wanted), result, progress)
    last_ids = tables.last_ids(archive.using)
    manifest = {
        "format": EXPORT_FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "release": settings.RELEASE,
        "site_url": settings.SITE_URL,
        "is_public": archive.is_public,
        "tables": listed,
        "last_ids": {
            table["table"]: last_ids[table["table"]]
            for table in listed
            if table["table"] in last_ids
        },
        "file_count": result.file_count,
        "byte_count": result.byte_count,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (target / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return result


def _write_files(target, names, result, progress):
    progress.step("files", len(names), "")
    with (target / "files.jsonl").open("wb") as lines:
        for storage, name in names:
            stored_files.check_file_name(storage, name)
            path, digest, size = target / "files" / storage / name, hashlib.sha256(), 0
            try:
                source = stored_files.open_file(storage, name)
            except OSError as error:
                result.unsaved[f"{storage}/{name}"] = error.strerror or str(error)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with source, path.open("wb") as file:
                for block in stored_files.read_blocks(source):
                    digest.update(block)
                    file.write(block)
                    size += len(block)
            entry = {"storage": storage, "name": name, "sha256": digest.hexdigest(), "bytes": size}
            lines.write(tables.json_line(entry))
            result.file_count += 1
            result.byte_count += size
            progress.done(1)
