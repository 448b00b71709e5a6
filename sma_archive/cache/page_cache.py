"""Pages for anonymous readers are rendered once per state of the archive and language.

The state is the newest entry of the change log, so that any publication or correction invalidates all
cached pages, and the day, because pages also depend on the date. Not cached are: pages with a CSRF
token, a message or personal data; results of an outdated index; all pages while a publication or seal
has become due that the index does not contain yet; and responses to parameters unknown to the view.
"""

import hashlib

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date, quote_etag

from search_app import staleness

from .archive_state import archive_state
from .page_store import CachedResponse, PageStore

MAX_CACHED_SECONDS = 3600
MAX_CONTENT_BYTES = 256 * 1024  # of one response; exports are streamed and not cached
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")
NEVER_CACHED_PATHS = ("/admin/", "/healthz", "/readyz")
LAG_HEADER = "X-Index-Lag"  # "1": computed from an index that is out of date; retry shortly

# The same for every user, so cookies are ignored.
COOKIE_INDEPENDENT_PATHS = (
    "/api/v1/",
    "/api/schema/",
)

cached_pages = PageStore(settings.PAGE_CACHE_BYTES, MAX_CACHED_SECONDS)


class PageCacheMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with staleness.observe_searches() as observation:
            request.search_observation = observation
            response = self.cached_or_new_response(request, observation)
        if observation.is_stale:
            mark_stale(response)
        return response

    def cached_or_new_response(self, request, observation):
        if not self.is_cacheable_request(request):
            return self.get_response(request)
        state = archive_state()
        observation.index_is_overdue = state.is_overdue
        observation.newest = state.position
        if not state.is_overdue:
            # Results cached by a view are valid for this state; without a state, a view caches
            # nothing.
            request.state_to_keep_for = f"{state.key}:{request.LANGUAGE_CODE}"
        key = self.key(request)
        if not state.is_overdue and (kept := cached_pages.get(state, key)) is not None:
            response = HttpResponse(kept.content, headers=kept.headers)
            return self.conditional_response(request, response, kept.etag)
        response = self.get_response(request)
        if observation.is_stale or not self.is_cacheable_response(response):
            return response
        is_of_api = request.path_info.startswith(COOKIE_INDEPENDENT_PATHS)
        if is_of_api and state.changed_at and not response.has_header("Last-Modified"):
            response["Last-Modified"] = http_date(state.changed_at.timestamp())
        etag = quote_etag(hashlib.blake2b(response.content, digest_size=16).hexdigest())
        if (
            request.method == "GET"
            and not state.is_overdue
            and self.may_be_stored(request, response)
        ):
            cached_pages.put(
                state, key, CachedResponse(response.content, dict(response.items()), etag)
            )
        return self.conditional_response(request, response, etag)

    def is_cacheable_request(self, request):
        return (
            request.method in ("GET", "HEAD")
            and not (
                is_personal(request) and not request.path_info.startswith(COOKIE_INDEPENDENT_PATHS)
            )
            and not request.path_info.startswith(NEVER_CACHED_PATHS)
        )

    def is_cacheable_response(self, response):
        return (
            response.status_code == 200
            and not response.streaming
            and not response.cookies
            and not response.has_header("Cache-Control")
        )

    def may_be_stored(self, request, response):
        return len(response.content) <= MAX_CONTENT_BYTES and reads_every_parameter(request)

    def key(self, request):
        parts = [request.get_host(), request.get_full_path(), request.LANGUAGE_CODE]
        if request.path_info.startswith("/api/"):
            # Decides between formats of a response.
            parts.append(request.headers.get("Accept", ""))
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=20).hexdigest()

    def conditional_response(self, request, response, etag):
        response["ETag"] = etag
        # store, but revalidate each time: a withdrawal takes effect at once
        response["Cache-Control"] = "no-cache"
        patch_vary_headers(response, ["Cookie"])
        # Only by ETag. A date cannot distinguish two changes within a second, and a page shows more
        # than the record it is about: its series, related sessions, the name of the site.
        return get_conditional_response(request, etag=etag, response=response)


def is_personal(request) -> bool:
    return any(cookie in request.COOKIES for cookie in PERSONAL_COOKIES)


def reads_every_parameter(request) -> bool:
    """Return whether the view reads every parameter of the URL.

    Unknown parameters would allow any number of responses, so responses with parameters are cached only
    for views that list theirs in `query_parameters`.
    """
    if not request.GET:
        return True
    view = request.resolver_match.func if request.resolver_match else None
    read = getattr(getattr(view, "view_class", view), "query_parameters", ())
    return all(name in read for name in request.GET)


def mark_stale(response) -> None:
    """Mark a response that lacks the newest changes: it must not be cached or revalidated."""
    response[LAG_HEADER] = "1"
    response["Cache-Control"] = "no-store"
    for name in ("ETag", "Last-Modified"):
        if response.has_header(name):
            del response[name]
