"""A thread of each web process that updates its indexes while nobody searches."""

import logging
import threading

from django.db import DatabaseError, connection

from search_app import api

logger = logging.getLogger(__name__)

UPDATE_INTERVAL_SECONDS = 1.0


def start_index_updates(stop: threading.Event | None = None) -> threading.Thread:
    """Start the thread; it ends when `stop` is set, or with the process."""
    thread = threading.Thread(
        target=_update_until_stopped,
        args=(stop or threading.Event(),),
        name="index updates",
        daemon=True,
    )
    thread.start()
    return thread


def _update_until_stopped(stop: threading.Event) -> None:
    while not stop.wait(UPDATE_INTERVAL_SECONDS):
        try:
            api.update_open_indexes()
        except DatabaseError as error:
            logger.warning("The indexes could not be updated: %s", error)
            connection.close()
        except Exception:
            logger.exception("The indexes could not be updated")
        finally:
            connection.close_if_unusable_or_obsolete()
    connection.close()
