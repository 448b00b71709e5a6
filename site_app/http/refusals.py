"""Logging of refused requests: one line per minute and reason.

A flood that is refused must not fill the log: that would hide what matters, and fill the disk.
"""

import logging
import threading

from django.http import HttpResponse

logger = logging.getLogger(__name__)

LOG_INTERVAL_SECONDS = 60
MAX_EXAMPLE_CHARACTERS = 100

TOO_MANY_WAITING_REQUESTS = "more requests waited than can be answered soon"
TOO_MANY_STREAMED_RESPONSES = "too many responses were being sent"
RATE_LIMIT_EXCEEDED = "one address sent too many"
TOO_MANY_GENERATED_FILES = "too many files were being made"
BODY_NOT_ALLOWED_OR_TOO_LARGE = "what they sent is not allowed there, or too large"
BODY_TOO_SLOW = "what they sent came too slowly"
HOST_NOT_ALLOWED = "the host asked for is not in ALLOWED_HOSTS"
MALFORMED_REQUEST = "what was sent could not be understood"
DATABASE_UNAVAILABLE = "the database was held by another or out of reach"
DISK_FULL = "the disk was full"
ARCHIVE_NOT_READY = "the archive was not ready"

_lock = threading.Lock()
# Rejected requests since the last log line, by reason, during its minute.
_counts: dict[str, int] = {}


def log_refusal(reason: str, exc_info=None, example: str = "") -> None:
    """Count a request that was refused: the first at once in the log, the others once a minute.

    `reason`: one of the above, a clause. Logged with the first: the traceback of an exception
    `exc_info`, and `example`, what was wrong with this one, of which a sender may have chosen the
    words. May be called from any thread.
    """
    with _lock:
        is_first = reason not in _counts
        _counts[reason] = 0 if is_first else _counts[reason] + 1
    if is_first:
        level = logging.ERROR if exc_info else logging.WARNING
        shown = f" This one: {example[:MAX_EXAMPLE_CHARACTERS]!a}" if example else ""
        logger.log(level, "A request was refused because %s.%s", reason, shown, exc_info=exc_info)
        _schedule_next_log_line(reason)


def log_refusals_since_last_line(reason: str) -> None:
    """Log how many were refused for a reason since its last line; continue if there were any."""
    with _lock:
        count = _counts[reason]
        if count:
            _counts[reason] = 0
        else:
            del _counts[reason]
    if count:
        noun = "request was" if count == 1 else "requests were"
        logger.warning("%s more %s refused because %s.", count, noun, reason)
        _schedule_next_log_line(reason)


def _schedule_next_log_line(reason):
    timer = threading.Timer(LOG_INTERVAL_SECONDS, log_refusals_since_last_line, [reason])
    timer.daemon = True
    timer.start()


def logged_refusal(response: HttpResponse, reason: str, exc_info=None, example="") -> HttpResponse:
    """Return `response`, a refusal that is counted here and has no line of its own by Django."""
    log_refusal(reason, exc_info, example)
    return without_django_log_line(response)


def without_django_log_line(
    response: HttpResponse, like: HttpResponse | None = None
) -> HttpResponse:
    """Return `response`, of which Django writes no line; with `like` only if it writes none of that."""
    if like is None or getattr(like, "_has_been_logged", False):
        response._has_been_logged = True  # as django.utils.log.log_response does
    return response
