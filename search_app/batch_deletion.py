"""Deletion of many rows in short transactions."""

from django.db.models import QuerySet

MAX_DELETED = 2000  # rows per call; the caller repeats the call until none are left


def delete_batch(rows: QuerySet, limit: int = MAX_DELETED) -> int:
    """Delete at most `limit` of the rows; return how many of them."""
    keys = list(rows.order_by().values_list("pk", flat=True)[:limit])
    if keys:
        rows.model._base_manager.filter(pk__in=keys).delete()
    return len(keys)
