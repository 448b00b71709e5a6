"""Middleware for pages that show more to staff than to visitors."""


class PreviewMiddleware:
    """Prevent caching and indexing of a response with content that visitors may not see.

    Whichever view gave it: a page, a citation, a calendar, a document.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "is_preview", False):
            response["Cache-Control"] = "private, no-store"
            response["X-Robots-Tag"] = "noindex"
        elif getattr(request, "is_staff_page", False):
            response["Cache-Control"] = "private, no-cache"
        return response
