"""Files generated while they are sent: exports and reports, limited to a few at a time."""

import threading
import weakref
from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse

from . import refusals

MAX_CONCURRENT_FILES = 8  # per process, including clients that have stopped reading
RETRY_AFTER_SECONDS = 20
TOO_MANY_FILES_MESSAGE = (
    "Too many files are being prepared at the moment. Try again in half a minute.\n"
)

_free = threading.BoundedSemaphore(MAX_CONCURRENT_FILES)


def limit_concurrent_files(view: Callable) -> Callable:
    """Return a view that answers 503 while MAX_CONCURRENT_FILES others like it are running.

    Its streaming response is marked `is_made_while_sent`: the gateway lets pages go first.
    """

    @wraps(view)
    def limited(*args, **kwargs):
        if not _free.acquire(blocking=False):
            response = HttpResponse(
                TOO_MANY_FILES_MESSAGE,
                status=503,
                content_type="text/plain; charset=utf-8",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"},
            )
            return refusals.logged_refusal(response, refusals.TOO_MANY_GENERATED_FILES)
        place = _free
        try:
            response = view(*args, **kwargs)
        except BaseException:
            place.release()
            raise
        # Releases the slot once: when the response is closed, or garbage-collected without that.
        give_back = weakref.finalize(response, place.release)
        if response.streaming:
            response._resource_closers.append(give_back)  # as Django's own handler does
            response.is_made_while_sent = True
        else:
            give_back()
        return response

    return limited
