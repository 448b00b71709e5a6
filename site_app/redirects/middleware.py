"""Middleware of the public site."""

from django.http import HttpResponsePermanentRedirect
from django.shortcuts import render

from .addresses import PageVisibility, find_redirect, is_old_page_query
from .hit_counter import count_missing_address, count_redirect
from .site_pages import page_without_stray_ending


class OldAddressMiddleware:
    """Redirect an old URL to the current one of its page.

    Unlike Django's own fallback it preserves the query string, and redirects URLs below a renamed page. The URL
    of a page that is not public is not revealed: the old one answers as that page does, with 410 if it was
    withdrawn. An old page by number (`/?p=123`) has the path of the front page, so it is checked before any
    view. Characters that a mail client appended to a URL of this site are removed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        path, query = request.path_info, request.META.get("QUERY_STRING", "")
        is_read = request.method in ("GET", "HEAD")
        by_query = is_read and is_old_page_query(path, query)
        if by_query and (
            response := self.redirect_or_gone_response(request, path, query, keep_query=False)
        ):
            return response
        response = self.get_response(request)
        if by_query:
            count_missing_address(path, query)
        if response.status_code != 404:
            return response
        if moved := self.redirect_or_gone_response(request, path, query, keep_query=True):
            return moved
        is_of_api = path.startswith("/api/")  # used by programs, whose URLs have no stray endings
        if is_read and not is_of_api and (page := page_without_stray_ending(path)):
            return permanent_redirect(page, query)
        count_missing_address(path)
        return response

    def redirect_or_gone_response(self, request, path, query, *, keep_query):
        old_address = find_redirect(path, "" if keep_query else query)
        if old_address is None:
            return None
        entry, target, standing = old_address
        if standing is PageVisibility.WITHDRAWN:
            return render(request, "410.html", status=410)
        if standing is not PageVisibility.PUBLIC:
            return None
        if entry is not None:
            count_redirect(entry)
        return permanent_redirect(target, query if keep_query and "?" not in target else "")


def permanent_redirect(target, query):
    response = HttpResponsePermanentRedirect(target + (f"?{query}" if query else ""))
    # Browsers cache a 301 indefinitely unless told otherwise; a merge can be undone.
    response["Cache-Control"] = "no-cache"
    return response
