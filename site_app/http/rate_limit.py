"""The rate limit of the API and the repository: requests per minute from one address.

Counted in the cache, so each process counts by itself unless they share one: what it is for is that
one script does not take the archive from everybody else.
Source of the header fields: draft-ietf-httpapi-ratelimit-headers-10.
"""

import time
from contextlib import suppress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import gettext

from . import refusals
from .client_address import client_address_or_network

WINDOW_SECONDS = 60  # length of the counting window
POLICY_NAME = "requests"  # name of the policy in the response headers


class RateLimitMiddleware:
    """Count requests to the API and repository, cached ones too, and report how many are left."""

    PATHS = ("/api/v1/", "/oai", "/oembed")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        most = settings.API_RATE_LIMIT
        if not most or not request.path_info.startswith(self.PATHS):
            return self.get_response(request)
        count, seconds = count_request(client_address_or_network(request))
        is_refused = count > most
        response = (
            too_many_requests_response(request, seconds)
            if is_refused
            else self.get_response(request)
        )
        response["RateLimit-Policy"] = f'"{POLICY_NAME}";q={most};w={WINDOW_SECONDS}'
        response["RateLimit"] = f'"{POLICY_NAME}";r={max(0, most - count)};t={seconds}'
        return response


def count_request(network: str) -> tuple[int, int]:
    """Count a request; return how many came in this window, and the seconds until it ends."""
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    key = f"rate:{network}:{window}"
    cache.add(key, 0, WINDOW_SECONDS)
    count = 1
    with suppress(ValueError):  # evicted from the cache in the meantime
        count = cache.incr(key)
    return count, int((window + 1) * WINDOW_SECONDS - now) + 1


def too_many_requests_response(request, seconds: int) -> HttpResponse:
    """Answer 429, or 503 to OAI-PMH harvesters. Both say when to continue."""
    status = 503 if request.path_info.startswith("/oai") else 429
    response = HttpResponse(
        gettext("Too many requests. Try again in %(seconds)s seconds.") % {"seconds": seconds}
        + "\n",
        status=status,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(seconds), "Cache-Control": "no-store"},
    )
    return refusals.logged_refusal(response, refusals.RATE_LIMIT_EXCEEDED)
