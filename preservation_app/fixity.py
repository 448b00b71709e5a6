"""Fixity: checks that every stored file exists, is unchanged and belongs to a record.

Listing compares names: all that is stored with all that the database names. Checking reads content,
the file that was read longest ago first, in slices: each file once in CHECK_INTERVAL.
"""

import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import F, FileField, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from reversion.models import Version

from desk_app.models import MergeRecord
from site_app.forms import kept_uploads
from site_app.spreadsheets import preview_storage

from . import stored_files, tables
from .models import FileCheck

Outcome = FileCheck.Outcome
PROBLEM_OUTCOMES = (Outcome.CHANGED, Outcome.MISSING, Outcome.UNREADABLE, Outcome.UNOWNED)
CHECK_INTERVAL = timedelta(days=30)
MIN_UNOWNED_AGE = timedelta(days=1)  # a file is stored before the record that names it
# Files of forms and uploads in progress, which have their own retention rules.
TEMPORARY_FOLDERS = tuple(
    f"private/{folder}/"
    for folder in (kept_uploads.KEPT_UPLOADS_FOLDER, preview_storage.PREVIEW_FOLDER, "uploads")
)
FILES_PER_BATCH = 500
_FILE_NAME_IN_HISTORY = re.compile(r'"file": ("(?:[^"\\]|\\.)+")')


def problem_files():
    """Return the files with problems."""
    return FileCheck.objects.filter(outcome__in=PROBLEM_OUTCOMES)


def update_file_list() -> int:
    """Update the list of files and mark missing and unreferenced ones; return the changes."""
    now = timezone.now()
    # Read the database last: a file stored in the meantime then has an owner and is not missing.
    stored = {
        (file.storage, file.name): file
        for file in stored_files.stored_files()
        if not file.label.startswith(TEMPORARY_FOLDERS)
    }
    owners = _record_of_each_file()
    known = {(check.storage, check.name): check for check in FileCheck.objects.iterator()}
    unowned = _unowned_files(stored, owners, now)
    new, changed = [], []
    for key in sorted(stored.keys() | owners.keys()):
        check = known.get(key) or FileCheck(storage=key[0], name=key[1])
        before = _compared_values(check)
        file = stored.get(key)
        if file is not None:
            _update_size_and_time(check, file)
        if file is None and not stored_files.storage_named(key[0]).exists(key[1]):
            check.outcome, check.detail = Outcome.MISSING, ""
        elif key in unowned:
            check.outcome, check.detail = Outcome.UNOWNED, ""
        elif check.outcome in (Outcome.MISSING, Outcome.UNOWNED):
            check.outcome, check.checked_at = Outcome.WAITING, None  # the file is available again
        check.owner = owners.get(key, "")[:300]
        if check.pk is None:
            new.append(check)
        elif _compared_values(check) != before:
            changed.append(check)
    FileCheck.objects.bulk_create(new, batch_size=FILES_PER_BATCH, ignore_conflicts=True)
    FileCheck.objects.bulk_update(
        changed,
        ["outcome", "detail", "owner", "byte_count", "modified_at", "checked_at"],
        FILES_PER_BATCH,
    )
    gone = [check.pk for key, check in known.items() if key not in stored and key not in owners]
    for start in range(0, len(gone), FILES_PER_BATCH):
        FileCheck.objects.filter(pk__in=gone[start : start + FILES_PER_BATCH]).delete()
    return len(new) + len(changed) + len(gone)


def _compared_values(check):
    return check.outcome, check.detail, check.owner, check.byte_count, check.modified_at


def _update_size_and_time(check, file):
    modified = datetime.fromisoformat(file.modified)
    if (check.byte_count, check.modified_at) != (file.byte_count, modified):
        check.byte_count, check.modified_at = file.byte_count, modified
        check.checked_at = None  # read it at the next opportunity


def _record_of_each_file():
    """Return {(storage, name): the record that names it}, smaller pictures among them."""
    found = dict.fromkeys(stored_files.rendition_files(), "smaller picture")
    for storage, name, model, key in stored_files.files_named_by_records():
        found[storage, name] = f"{model._meta.verbose_name} {key}"
    return found


def _unowned_files(stored, owners, now):
    """Return the keys of files that neither a record nor its restorable history names."""
    candidates = {
        key
        for key, file in stored.items()
        if key not in owners and now - datetime.fromisoformat(file.modified) > MIN_UNOWNED_AGE
    }
    if candidates:
        candidates -= _files_in_history()
    if candidates:
        merges = MergeRecord.objects.filter(undone_at=None).annotate(
            text=Cast("steps", TextField())
        )
        for text in merges.values_list("text", flat=True).iterator():
            candidates = {key for key in candidates if json.dumps(key[1])[1:-1] not in text}
    return candidates


def _files_in_history():
    models = [
        model._meta.model_name
        for model in tables.stored_models()
        if any(
            field.name == "file" and isinstance(field, FileField) for field in model._meta.fields
        )
    ]
    kept = Version.objects.filter(
        content_type__model__in=models, serialized_data__contains='"file": "'
    )
    return {
        ("private", json.loads(quoted))
        for text in kept.order_by().values_list("serialized_data", flat=True).iterator()
        for quoted in _FILE_NAME_IN_HISTORY.findall(text)
    }


def check_due_files(seconds: float = 4, now: datetime | None = None) -> int:
    """Read files that are due, for some seconds; return how many were read."""
    end, count = time.monotonic() + seconds, 0
    now = now or timezone.now()
    due = files_to_check().filter(Q(checked_at=None) | Q(checked_at__lt=now - CHECK_INTERVAL))
    for check in due[:FILES_PER_BATCH]:
        check_file_content(check)
        count += 1
        if time.monotonic() > end:
            break
    return count


def check_all_files(on_read: Callable[[int], object] = lambda size: None) -> int:
    """Read every stored file; return how many. `on_read` is called with the size of each block."""
    count, checks = 0, files_to_check().iterator()
    while batch := list(islice(checks, FILES_PER_BATCH)):
        for check in batch:
            check_file_content(check, on_read)
            count += 1
    return count


def files_to_check():
    """Return the stored files, those never read or longest unread first."""
    return FileCheck.objects.exclude(outcome=Outcome.MISSING).order_by(
        F("checked_at").asc(nulls_first=True), "pk"
    )


def check_file_content(
    check: FileCheck, on_read: Callable[[int], object] = lambda size: None
) -> None:
    """Read one file, compare it with its record, and store the result."""
    is_unowned = check.outcome == Outcome.UNOWNED
    expected = _sha256_of_record(check) or check.sha256
    is_derived = check.owner == "smaller picture" and check.checked_at is None
    check.checked_at, check.detail = timezone.now(), ""
    try:
        found = stored_files.sha256_of_file(check.storage, check.name, on_read)
    except FileNotFoundError:
        check.outcome = Outcome.MISSING
    except OSError as error:
        check.outcome, check.detail = Outcome.UNREADABLE, (error.strerror or str(error))[:300]
    else:
        # Renditions are generated again from the original and may then differ slightly.
        is_intact = not expected or found == expected or is_derived
        check.outcome = Outcome.INTACT if is_intact else Outcome.CHANGED
        if is_intact:
            check.sha256 = found
        else:
            check.detail = f"SHA-256 is {found}, should be {expected}"
            check.sha256 = expected
    if is_unowned and check.outcome == Outcome.INTACT:
        check.outcome = Outcome.UNOWNED
    # The row may have been deleted together with the file.
    FileCheck.objects.filter(pk=check.pk).update(
        outcome=check.outcome,
        detail=check.detail,
        sha256=check.sha256,
        checked_at=check.checked_at,
    )


def _sha256_of_record(check):
    """Return the SHA-256 that a record has of its file, "" if none has."""
    for model in _models_with_sha256():
        for sha256 in model.objects.filter(file=check.name).values_list("sha256", flat=True)[:1]:
            if check.storage == "private":
                return sha256
    return ""


def _models_with_sha256():
    for model in tables.stored_models():
        names = {field.name for field in model._meta.local_concrete_fields}
        if {"file", "sha256"} <= names:
            yield model
