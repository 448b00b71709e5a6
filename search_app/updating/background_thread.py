"""A thread of each web process that updates its indexes while nobody searches."""

import logging
import threading

from django.db import DatabaseError, connection

from search_app import api

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0


def follow_in_background(stop: threading.Event | None = None) -> threading.Thread:
    """Start the thread; it ends when `stop` is set, or with the process."""
    thread = threading.Thread(
        target=_follow, args=(stop or threading.Event(),), name="index follower", daemon=True
    )
    thread.start()
    return thread


def _follow(stop: threading.Event) -> None:
    while not stop.wait(EVERY_SECONDS):
        try:
            api.follow()
        except DatabaseError as error:
            logger.warning("The indexes could not be updated: %s", error)
            connection.close()
        except Exception:
            logger.exception("The indexes could not be updated")
        finally:
            connection.close_if_unusable_or_obsolete()
    connection.close()
