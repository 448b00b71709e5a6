"""Statistics for SQLite's query planner, which otherwise uses the wrong indexes."""

from django.db import connection

ANALYSIS_LIMIT = 1000  # rows of an index that are examined; sizes are estimated from them


def refresh_statistics() -> int:
    """Let SQLite analyse its tables if that is due; return whether it did.

    It takes as long for a large archive as for a small one: some rows of each index are looked
    at. PostgreSQL does this by itself.
    """
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}")
        cursor.execute("ANALYZE")
    return 1
