"""CORS: scripts of other sites may read public data for programs, but not pages.

Source: Fetch, CORS and CORP.

No credentials are allowed, so that such an answer is always what any visitor would get.
"""

import re

from django.http import HttpResponse

# URLs for programs: API, feeds, citations, exports, calendars, oEmbed, OAI-PMH.
OPEN_PATHS = re.compile(
    r"/(?:api/.*|oembed|oai|unapi|.*/?feed\.(?:rss|atom)|.*/cite\.(?:bib|ris|json|txt)"
    r"|.*/export\.(?:csv|xlsx|json|bib|ris)|.*\.ics)"
)
# URLs that contain a token.
PATHS_WITH_TOKENS = (
    "/recordings/",
    "/requests/",
    "/alerts/",
    "/admin/",
)
EXPOSED_HEADERS = (
    "ETag, Last-Modified, RateLimit, RateLimit-Policy, Repr-Digest, Retry-After, X-Index-Lag"
)
MAX_AGE = 86400  # seconds for which a browser may cache the preflight response


class CrossOriginMiddleware:
    """Allow cross-origin reads, and answer preflight requests."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.respond(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    def respond(self, request):
        path = request.path_info
        if path.startswith(PATHS_WITH_TOKENS) or not OPEN_PATHS.fullmatch(path):
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "GET, HEAD"
            response["Access-Control-Allow-Headers"] = "Accept, If-None-Match, If-Modified-Since"
            response["Access-Control-Max-Age"] = str(MAX_AGE)
        else:
            response = self.get_response(request)
            response["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        response["Access-Control-Allow-Origin"] = "*"
        return response
