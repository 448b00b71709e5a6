"""What a page computes from the whole archive, kept for one state of it."""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from django.http import HttpRequest

T = TypeVar("T")


def cached_for_archive_state(request: HttpRequest, name: str, compute: Callable[[], T]) -> T:
    """Return `compute()`, kept while the archive stays in the state in which the request found it.

    Without a state that answers may be kept for (`sma_archive.cache.page_cache`) nothing is kept.
    """
    state = getattr(request, "state_to_keep_for", None)
    return cache.get_or_set(f"{name}:{state}", compute) if state else compute()
