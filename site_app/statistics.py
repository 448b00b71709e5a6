"""What the database's planner knows of table sizes; without it SQLite takes the wrong indexes."""

from django.apps import apps
from django.db import connection

GROWTH = 2  # a table so many times larger or smaller than when last counted is counted again
SMALLEST = 200  # rows; below, any plan will do


def refresh_statistics() -> int:
    """Count the rows again if a table has grown or shrunk much; return whether that was done.

    PostgreSQL does this by itself.
    """
    if connection.vendor != "sqlite":
        return 0
    counted = _counted()
    for model in apps.get_models():
        rows, before = model._base_manager.count(), counted.get(model._meta.db_table, 0)
        if max(rows, before) >= SMALLEST and not before / GROWTH < rows < before * GROWTH:
            break
    else:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return 1


def _counted() -> dict[str, int]:
    """Return {table: rows when last counted}, empty before the first time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if not cursor.fetchone():
            return {}
        # A row for each index; its first number is that of the table's rows.
        cursor.execute("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
        return dict(cursor.fetchall())
