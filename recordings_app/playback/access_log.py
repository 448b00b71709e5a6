"""Log who received what, before the first byte is sent."""

import logging
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection

from recordings_app.models import AccessLog
from site_app.accounts.names import full_name_or_username

logger = logging.getLogger(__name__)

MAX_LOCK_WAIT_SECONDS = 1  # for a database locked by another writer; the listener waits meanwhile


@contextmanager
def short_sqlite_lock_wait():
    """A context in which writes to SQLite time out sooner than elsewhere."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 5)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {MAX_LOCK_WAIT_SECONDS * 1000}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual * 1000)}")


def log_access(
    *, recording, what, byte_count, grant=None, sitting=None, user=None
) -> AccessLog | None:
    """Store one access and return it; `user` is the member of staff for non-public content.

    What anybody may hear or read is given out even if that cannot be stored (then None); what was
    granted to somebody is not: DatabaseError.
    """
    values = {"recording": recording, "what": what, "byte_count": byte_count}
    if user is not None:
        values |= {"user": user, "user_name": full_name_or_username(user)}
    if grant is not None:
        return AccessLog.objects.create(**values, grant=grant, sitting=sitting)
    try:
        with short_sqlite_lock_wait():
            return AccessLog.objects.create(**values)
    except DatabaseError:
        logger.exception("an access to recording %s could not be logged", recording.pk)
        return None


def log_bytes_sent(entry: AccessLog, byte_count: int):
    """Set the bytes of an access to what was sent; a failure is only logged."""
    try:
        with short_sqlite_lock_wait():
            AccessLog.objects.filter(pk=entry.pk).update(byte_count=byte_count)
    except DatabaseError:  # the entry itself is stored; Django would silently ignore this error
        logger.exception("the bytes of access %s could not be logged", entry.pk)
