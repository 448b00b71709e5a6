"""Statistics for SQLite's query planner, which otherwise uses the wrong indexes."""

from django.db import connection

# Rows of an index that are examined. With far fewer, SQLite would not learn that most sessions have
# the same status, and would read all of them where another index leads to a few rows.
MAX_ANALYSED_INDEX_ROWS = 100_000


def refresh_sqlite_statistics() -> int:
    """Let SQLite analyse its tables one by one, so that a writer waits for one table only; return 1.

    Takes hardly longer for a larger archive than for ANALYSIS_LIMIT records. PostgreSQL does this
    itself: returns 0.
    """
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {MAX_ANALYSED_INDEX_ROWS}")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
    return 1
