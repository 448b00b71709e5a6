"""Responses when the database or disk cannot be written: a sentence, and what was typed."""

import errno
import sqlite3
import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from site_app.http import refusals

RETRY_SECONDS = 30
# How long a request waits on SQLite for another writer. Commands, tick and worker wait longer; a
# few requests that did so would block every thread and so all pages.
MAX_WAIT_SECONDS = 4
DISK_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)
# The database is locked by another writer, unreachable or full. An invalid statement is a bug, not
# an outage.
SQLITE_OUTAGE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
}
# Fields whose names contain these words are never shown again.
SECRET_FIELD_WORDS = ("password", "token")


def handler500(request):
    """Answer an unhandled exception: 503 if the machine is at fault, else 500."""
    error = sys.exc_info()[1]
    reason = outage_kind(error)
    if reason is None:
        return server_error(request)
    context = {"reason": reason, "path": request.get_full_path()}
    if request.method == "POST":
        context |= submitted_values(request)
    response = HttpResponse(
        render_to_string("503.html", context),
        status=503,
        headers={"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"},
    )
    why = refusals.DISK_FULL if reason == "full" else refusals.DATABASE_UNAVAILABLE
    return refusals.logged_refusal(response, why, error)


def shorten_sqlite_wait() -> None:
    """Let this request thread wait MAX_WAIT_SECONDS for a locked SQLite database."""
    if connection.vendor == "sqlite":
        options = connection.settings_dict["OPTIONS"] | {"timeout": MAX_WAIT_SECONDS}
        connection.settings_dict = connection.settings_dict | {"OPTIONS": options}


def outage_kind(error: BaseException | None) -> str | None:
    """Return "full" or "busy" for an error caused by the disk or the database."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in DISK_FULL_ERRNOS:
            return "full"
        if isinstance(error, sqlite3.Error):
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the higher bits give the details
            if code in SQLITE_OUTAGE_CODES:
                return "full" if code == sqlite3.SQLITE_FULL else "busy"
        elif isinstance(error, (OperationalError, InterfaceError)) and not isinstance(
            error.__cause__, sqlite3.Error
        ):
            state = getattr(error.__cause__, "pgcode", None) or ""
            return "full" if state == "53100" else "busy"
        error = error.__cause__ or error.__context__
    return None


def submitted_values(request) -> dict:
    """Return the values of a form, to be shown and sent again, without files and passwords."""
    try:
        values = [
            (name, value)
            for name, values_of_field in request.POST.lists()
            for value in values_of_field
        ]
        has_files = bool(request.FILES)
    except Exception:  # the body itself could not be read or stored
        return {"is_unread": True}
    if any("password" in name.lower() for name, _ in values):
        return {"is_secret": True}
    return {
        "values": values,
        "shown": [(name, value) for name, value in values if value and not is_secret_field(name)],
        "has_files": has_files,
    }


def is_secret_field(name: str) -> bool:
    """Tell a field that no reader filled in."""
    return any(part in name.lower() for part in SECRET_FIELD_WORDS)
