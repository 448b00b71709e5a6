"""A snapshot of the database that can be read while people write."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from pathlib import Path

from django.db import connection, connections, transaction
from django.db.utils import load_backend

SNAPSHOT_ALIAS = "snapshot"


@contextmanager
def database_snapshot(folder: Path) -> Iterator[str]:
    """Yield the alias of a database that does not change.

    SQLite: a copy in `folder`, made by SQLite's backup interface within seconds: a reader that
    stays long would keep the write-ahead log from being folded back. PostgreSQL: one read-only
    transaction of isolation level REPEATABLE READ.
    """
    settings = deepcopy(connection.settings_dict)
    if connection.vendor == "sqlite":
        copy = folder / "snapshot.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
        settings["NAME"] = copy
        with _snapshot_connection(settings):
            yield SNAPSHOT_ALIAS
        for path in folder.glob("snapshot.sqlite3*"):
            path.unlink()
        return
    from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ  # SQLite needs no driver

    settings["OPTIONS"] = settings["OPTIONS"] | {
        "isolation_level": ISOLATION_LEVEL_REPEATABLE_READ
    }
    with _snapshot_connection(settings), transaction.atomic(using=SNAPSHOT_ALIAS):
        with connections[SNAPSHOT_ALIAS].cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("SELECT 1")  # the first query fixes the snapshot
        yield SNAPSHOT_ALIAS


@contextmanager
def _snapshot_connection(settings):
    connections[SNAPSHOT_ALIAS] = load_backend(settings["ENGINE"]).DatabaseWrapper(
        settings, SNAPSHOT_ALIAS
    )
    try:
        yield
    finally:
        connections[SNAPSHOT_ALIAS].close()
        del connections[SNAPSHOT_ALIAS]
