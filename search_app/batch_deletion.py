"""Deletion of many rows in short transactions."""

from django.db.models import QuerySet

MAX_ROWS_DELETED = 2000  # rows per call; the caller repeats the call until none are left


def delete_batch(rows: QuerySet) -> int:
    """Delete at most MAX_ROWS_DELETED of the rows; return how many of them."""
    keys = list(rows.order_by().values_list("pk", flat=True)[:MAX_ROWS_DELETED])
    if keys:
        rows.model._base_manager.filter(pk__in=keys).delete()
    return len(keys)
