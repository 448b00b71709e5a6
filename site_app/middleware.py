"""Middleware of the public site."""

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.http import HttpResponsePermanentRedirect


class OldAddressMiddleware:
    """Send an address that is no more to where its page is now.

    Unlike Django's own fallback it keeps the query string, and it knows that what lies below a
    renamed page (`/sessions/old/cite.bib`) moved with it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        path = request.path_info
        # PostgreSQL refuses to look for a NUL, and no address ever held one.
        if response.status_code != 404 or "\x00" in path:
            return response
        parts = path.split("/")
        page = "/".join(parts[:3]) + "/" if len(parts) > 3 else path
        candidates = dict.fromkeys([path, path.removesuffix("/") + "/", page])
        found = dict(
            Redirect.objects.filter(site_id=settings.SITE_ID, old_path__in=candidates).values_list(
                "old_path", "new_path"
            )
        )
        for old in candidates:
            if old in found:
                rest = path[len(old) :] if old == page and path.startswith(old) else ""
                query = request.META.get("QUERY_STRING", "")
                return HttpResponsePermanentRedirect(
                    found[old] + rest + (f"?{query}" if query else "")
                )
        return response
