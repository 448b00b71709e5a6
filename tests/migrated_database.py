"""The migrated database on SQLite, kept between runs: to migrate takes longer than most tests.

A run starts on a copy of what an earlier one left in pytest's cache. `migrate` still runs on it,
which finds nothing to apply and gives rights to the groups as after each migration. It is known by
everything it is made of, and made anew where anything of that changed.
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
    """Return where the migrated database of this code is kept; None on another engine.

    `cache` is pytest's, None where it is switched off.
    """
    if cache is None or connection.vendor != "sqlite":
        return None
    return cache.mkdir("migrated") / f"{fingerprint()}.sqlite3"


def fingerprint() -> str:
    """Return a digest of all migrations, and of what else decides on what they leave."""
    parts = hashlib.sha256(f"{django.__version__} {sqlite3.sqlite_version}".encode())
    made_of = [Path(groups.__file__)]
    for app in apps.get_app_configs():
        made_of += sorted(Path(app.path).glob("migrations/*.py"))
    for path in made_of:
        parts.update(path.name.encode() + path.read_bytes())
    return parts.hexdigest()[:32]


def start_from(kept: Path) -> bool:
    """Copy the kept database to where that of the tests is expected; tell whether there was one."""
    try:
        shutil.copyfile(kept, connection.creation._get_test_db_name())
    except FileNotFoundError:
        return False
    return True


def keep(kept: Path) -> None:
    """Keep the database as it is now, in place of those of other code."""
    own = kept.with_suffix(f".{os.getpid()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(own)])
    for former in kept.parent.glob("*.sqlite3"):
        former.unlink(missing_ok=True)
    own.replace(kept)
