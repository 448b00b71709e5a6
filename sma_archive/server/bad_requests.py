"""Requests that Django rejects: they get a 400, or a 413 if they are too large.

Anybody can send any number of them, so they are counted; Django would log a traceback for each.
"""

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.defaults import bad_request

from site_app.http import refusals

from .body_limits import body_refusal


def handler400(request, exception) -> HttpResponse:
    """Answer a request that Django refuses, and count it."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return body_refusal(request, 413, _too_large_message())
    if isinstance(exception, DisallowedHost):
        reason, example = refusals.HOST_NOT_ALLOWED, request.META.get("HTTP_HOST", "")
    else:
        reason, example = refusals.MALFORMED_REQUEST, str(exception)
    return refusals.logged_refusal(bad_request(request, exception), reason, example=example)


def _too_large_message() -> str:
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
    files, fields = settings.DATA_UPLOAD_MAX_NUMBER_FILES, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return gettext(
        "What you sent is too large: more than %(megabytes)s MB of text, %(files)s files or "
        "%(fields)s fields. Nothing was stored."
    ) % {"megabytes": megabytes, "files": files, "fields": fields}
