"""Errors that prevent the archive from starting or a command from running, in one sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection

# SQLite's message: what to do.
_ADVICE_FOR_SQLITE_ERROR = {
    "readonly database": "give the user that runs the archive the right to write it and its folder",
    "disk is full": "free space on the disk",
    "disk I/O error": "see whether the disk is full or damaged",
    "database is locked": "another program is writing to it; try again when that has ended",
    "not a database": "restore it from a backup",
    "malformed": "restore it from a backup",
}


@contextmanager
def startup_errors_as_one_sentence() -> Iterator[None]:
    """End the program with status 1 and a sentence if settings or database are the cause.

    Any other error keeps its traceback, and `--traceback` shows it for these errors, too.
    """
    try:
        yield
    except (ImproperlyConfigured, DatabaseError, InterfaceError) as error:
        sentence = _error_message(error)
        if sentence is None or "--traceback" in sys.argv:
            raise
        sys.exit(f"Error: {sentence}")


def _error_message(error: Exception) -> str | None:
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if type(error) not in (DatabaseError, OperationalError, ProgrammingError, InterfaceError):
        return None
    for said, what_to_do in _ADVICE_FOR_SQLITE_ERROR.items():
        if connection.vendor == "sqlite" and said in str(error):
            return f"The database cannot be used ({error}): {what_to_do}."
    return _database_problem()


def _database_problem() -> str | None:
    """Return what is wrong with the database itself, or None if the command is at fault."""
    try:
        connection.close()
        tables = connection.introspection.table_names()
    except (DatabaseError, InterfaceError) as error:
        said = " ".join(str(error).split("\n")[0].split())
        name = (
            "file archive.sqlite3 in VAR_DIR" if connection.vendor == "sqlite" else "DATABASE_URL"
        )
        return f"The database does not answer: {said}. See whether it runs, and whether {name} is right."
    if "django_migrations" not in tables:
        return "The database has no tables yet. Make them: .venv/bin/python manage.py migrate"
    return None
