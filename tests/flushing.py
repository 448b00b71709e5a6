"""Deletes what a test has committed, and restores the rows that `migrate` creates.

Django's own flush truncates every table, which takes PostgreSQL longer than deleting a few rows, and
then computes content types, permissions and groups again. These are always the same, so their rows
are stored once and inserted again.
"""

from collections.abc import Callable

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction

# In an order in which each row's references exist.
GIVEN_BY_MIGRATE = (ContentType, Permission, Group, Group.permissions.through)


def quick_flush() -> Callable[[object], None]:
    """Return a replacement for TransactionTestCase._fixture_teardown; called after `migrate`."""
    given = [_rows(model._meta.db_table) for model in GIVEN_BY_MIGRATE]

    def flush(test):
        with transaction.atomic(), connection.cursor() as cursor:
            # In any order: foreign keys are checked when the transaction ends.
            for table in connection.introspection.django_table_names(only_existing=True):
                cursor.execute(f"DELETE FROM {table}")
            for sql, rows in given:
                cursor.executemany(sql, rows)
            for sql in connection.ops.sequence_reset_sql(no_style(), GIVEN_BY_MIGRATE):
                cursor.execute(sql)
        ContentType.objects.clear_cache()

    return flush


def _rows(table: str) -> tuple[str, list[tuple]]:
    """Return the statement that inserts a row of a table, and its current rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        places = ", ".join(["%s"] * len(names))
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", cursor.fetchall()
