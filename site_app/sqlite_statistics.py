"""Statistics for SQLite's query planner, which otherwise uses the wrong indexes."""

from django.db import connection

# Rows of an index that are examined. Of far fewer it would not learn that most sessions have one
# status, and read all of these where a few rows of another table lead to what is wanted.
ANALYSIS_LIMIT = 100_000


def refresh_statistics() -> int:
    """Let SQLite analyse its tables, one by one, so that writers wait for one alone; return 1.

    A larger archive takes hardly longer than one of ANALYSIS_LIMIT records. PostgreSQL does this
    by itself: returns 0.
    """
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
    return 1
