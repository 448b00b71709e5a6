"""Imports of spreadsheets as runs: listed and rolled back like the others."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from import_export.results import Result, RowResult

from ingest_app.models import ImportRun, RunItem

from .provenance import recording_provenance

ITEM_STATUS_OF_ROW = {
    RowResult.IMPORT_TYPE_NEW: RunItem.Status.CREATED,
    RowResult.IMPORT_TYPE_UPDATE: RunItem.Status.CHANGED,
    RowResult.IMPORT_TYPE_SKIP: RunItem.Status.UNCHANGED,
}


@contextmanager
def record_sheet_import(
    *, user, source_name: str, model: type[Model]
) -> Iterator[Callable[[Result], None]]:
    """Record the import inside as a run of `user`, unless it stored nothing.

    Gives what is to be called with the result. Rows that changed nothing are counted, not listed.
    """
    results: list[Result] = []
    with transaction.atomic():
        run = ImportRun.objects.create(
            kind=ImportRun.Kind.SHEET,
            source_name=source_name[:300],
            options={"records": str(model._meta.verbose_name_plural)},
            started_at=timezone.now(),
            started_by=user,
        )
        with recording_provenance(run):
            yield results.append
        result = results[0] if results else None
        if result is None or result.has_errors() or result.has_validation_errors():
            transaction.set_rollback(True)
            return
        RunItem.objects.bulk_create(_items_of_changed_rows(run, result))
        run.counts = dict(Counter(ITEM_STATUS_OF_ROW[row.import_type] for row in result.rows))
        run.finished_at = timezone.now()
        run.save(update_fields=["counts", "finished_at"])


def _items_of_changed_rows(run: ImportRun, result: Result) -> Iterator[RunItem]:
    for line, row in zip(result.lines, result.rows, strict=True):
        status = ITEM_STATUS_OF_ROW[row.import_type]
        if status == RunItem.Status.UNCHANGED:
            continue
        record = row.instance
        address = record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""
        yield RunItem(
            run=run, line=line, title=row.object_repr[:300], status=status, address=address[:300]
        )
