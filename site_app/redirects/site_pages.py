"""Checks whether a page exists at an address of this site, for redirects and their forms."""

from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.request import validate_host
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from .addresses import PageVisibility, find_redirect, visibility_of_page, without_stray_ending


def _resolve_with_optional_slash(path):
    """Return (path, match) of the view at a path, with a closing slash if it needs one; or None."""
    for candidate in (path, f"{path}/"):
        try:
            return candidate, resolve(candidate)
        except Resolver404:
            continue
    return None


def page_without_stray_ending(path: str) -> str:
    """Return the address of this site that a path means which has something left at its end.

    "/sessions/foo/)." gives "/sessions/foo/"; empty where there is nothing to take off, or where
    what is left is not a page that visitors may know of.
    """
    if ".." in path.split("/"):
        return ""  # “..” was not added by a mail client
    shorter = without_stray_ending(path)
    if (
        shorter in ("", path.rstrip("/"))
        or (page := _resolve_with_optional_slash(shorter)) is None
    ):
        return ""
    is_known = visibility_of_page(page[0]) in (PageVisibility.PUBLIC, PageVisibility.WITHDRAWN)
    return page[0] if is_known else ""


def parse_own_address(text: str, *, host: str = "") -> str:
    """Return what was entered as an address of this site: path, query and fragment.

    A full address counts if its host is one of this site's, or `host`. Raises ValidationError.
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
        own_hosts = {urlsplit(settings.SITE_URL).hostname, host.partition(":")[0]}
        named_hosts = [name for name in settings.ALLOWED_HOSTS if name != "*"]
        name = parts.hostname or ""
    except ValueError:
        raise ValidationError(gettext("This is not an address.")) from None
    if parts.scheme in ("http", "https") and name:
        if name not in own_hosts and not validate_host(name, named_hosts):
            raise ValidationError(
                gettext(
                    "%(name)s is another site. An old address leads to a page of this one, such "
                    "as /sessions/a-partnership/"
                )
                % {"name": name}
            )
        parts = parts._replace(scheme="", netloc="", path=parts.path or "/")
    elif parts.scheme or parts.netloc or not text.startswith("/"):
        raise ValidationError(
            gettext("Write a path of this site, such as /sessions/a-partnership/")
        )
    if any(letter.isspace() or letter == "\\" for letter in text) or "\x00" in text:
        raise ValidationError(gettext("Write the address without blanks and backslashes."))
    return parts.geturl()


def checked_redirect_target(address: str, request: HttpRequest) -> str:
    """Return an address of this site in the form for redirects; its page must exist.

    It is looked at with the rights of `request`, so a draft is there. A closing slash that is
    missing is added. Raises ValidationError for what is not a page, or is redirected itself.
    """
    parts = urlsplit(address)
    path = unquote(parts.path)
    resolved = _resolve_with_optional_slash(path)
    status, leads_on = 404, ""
    if resolved is not None:
        path, match = resolved
        response = _response_of_view(request, path, parts.query, match)
        status, leads_on = response.status_code, response.get("Location", "")
        # Not response.close(), which signals the end of the request and closes the database
        # connection.
        if file := getattr(response, "file_to_stream", None):
            file.close()
        if path != unquote(parts.path):
            parts = parts._replace(path=f"{parts.path}/")
    if status in (301, 302, 303, 307, 308):
        raise ValidationError(
            gettext("%(path)s leads on to %(leads_on)s: write that address.")
            % {"path": path, "leads_on": leads_on}
        )
    if status == 404 and (older := find_redirect(path, parts.query)):
        raise ValidationError(
            gettext("%(path)s is an old address, which leads to %(older)s: write that.")
            % {"path": path, "older": older[1]}
        )
    is_hidden = resolved is not None and visibility_of_page(path) is PageVisibility.HIDDEN
    if status >= 400 and not is_hidden:
        raise ValidationError(
            gettext(
                "There is no page at %(path)s. Open the page and copy its address from the "
                "browser."
            )
            % {"path": path}
        )
    return parts.geturl()


def page_exists(path: str, request: HttpRequest) -> bool:
    """Tell whether there is a page at a path, public or not."""
    try:
        return checked_redirect_target(path, request) == path
    except ValidationError:
        return False


def _response_of_view(request, path, query, match):
    """Return the answer of a view to somebody who looks at a page, with the rights of `request`."""
    looking = HttpRequest()
    looking.method, looking.path, looking.path_info = "GET", path, path
    looking.META = {
        name: value
        for name, value in request.META.items()
        if name.startswith(("SERVER_", "HTTP_HOST", "REMOTE_", "wsgi."))
    } | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
    looking.GET = type(request.GET)(query)
    looking.user, looking.session = request.user, request.session
    looking.resolver_match = match
    view = convert_exception_to_response(
        lambda asked: match.func(asked, *match.args, **match.kwargs)
    )
    return view(looking)
