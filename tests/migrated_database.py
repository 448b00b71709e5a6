"""The migrated SQLite database, cached between runs: migrating takes longer than most tests.

A run starts with a copy of the database in pytest's cache. `migrate` still runs on it, finds nothing
to apply, and gives the groups their permissions as after each migration. The cache key is a digest of
everything that affects the result, so that any change creates a new database.
"""

import hashlib
import os
import shutil
import sqlite3
from pathlib import Path

import django
from django.apps import apps
from django.db import connection

from sma_archive import groups


def kept_database(cache) -> Path | None:
    """Return the path of the cached database for this code; None for another engine.

    `cache` is pytest's cache, or None if it is disabled.
    """
    if cache is None or connection.vendor != "sqlite":
        return None
    return cache.mkdir("migrated") / f"{fingerprint()}.sqlite3"


def fingerprint() -> str:
    """Return a digest of all migrations and of everything else that affects their result."""
    parts = hashlib.sha256(f"{django.__version__} {sqlite3.sqlite_version}".encode())
    made_of = [Path(groups.__file__)]
    for app in apps.get_app_configs():
        made_of += sorted(Path(app.path).glob("migrations/*.py"))
    for path in made_of:
        parts.update(path.name.encode() + path.read_bytes())
    return parts.hexdigest()[:32]


def start_from(kept: Path) -> bool:
    """Copy the cached database to the path of the test database; return whether there was one."""
    try:
        shutil.copyfile(kept, connection.creation._get_test_db_name())
    except FileNotFoundError:
        return False
    return True


def keep(kept: Path) -> None:
    """Cache the current database, replacing those of other code."""
    own = kept.with_suffix(f".{os.getpid()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(own)])
    for former in kept.parent.glob("*.sqlite3"):
        former.unlink(missing_ok=True)
    own.replace(kept)
