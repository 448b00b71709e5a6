"""Pages for anonymous readers are rendered once per state of the archive.

The key holds the newest entry of the change log, so publishing or correcting anything makes every
kept page old at once; it holds the release and the day, because code and calendar change pages
too. What carries a form's token, a message or a person's own matter is never kept.
"""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe, quote_etag

from search_app.changes import newest_position

SECONDS = 3600
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")
NEVER_KEPT = ("/admin/", "/healthz", "/readyz")
LARGEST = 512 * 1024  # bytes; exports stream and are not pages


class PageCacheMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not self.is_cacheable_request(request):
            return self.get_response(request)
        key = self.key(request)
        if (kept := cache.get(key)) is not None:
            content, headers, etag = kept
            response = HttpResponse(content, headers=headers)
            return self.conditional(request, response, etag)
        response = self.get_response(request)
        if not self.is_cacheable_response(response):
            return response
        etag = quote_etag(hashlib.blake2b(response.content, digest_size=16).hexdigest())
        if request.method == "GET":
            cache.set(key, (response.content, dict(response.items()), etag), SECONDS)
        return self.conditional(request, response, etag)

    def is_cacheable_request(self, request):
        return (
            request.method in ("GET", "HEAD")
            and not any(cookie in request.COOKIES for cookie in PERSONAL_COOKIES)
            and not request.path_info.startswith(NEVER_KEPT)
        )

    def is_cacheable_response(self, response):
        return (
            response.status_code == 200
            and not response.streaming
            and not response.cookies
            and not response.has_header("Cache-Control")
            and len(response.content) <= LARGEST
        )

    def key(self, request):
        parts = (
            settings.RELEASE,
            str(newest_position()),
            timezone.localdate().isoformat(),
            request.get_host(),
            request.get_full_path(),
        )
        return "page:" + hashlib.blake2b("\n".join(parts).encode(), digest_size=20).hexdigest()

    def conditional(self, request, response, etag):
        response["ETag"] = etag
        response["Cache-Control"] = "no-cache"  # keep, but ask each time: a withdrawal counts now
        response["Vary"] = "Cookie"
        changed = parse_http_date_safe(response.get("Last-Modified", ""))
        return get_conditional_response(
            request, etag=etag, last_modified=changed, response=response
        )
