"""Whose form this is: remembered in the browser that has opened a private link, and nowhere else.

Merely typing an address into the form brings nothing back: it may be anybody's.
"""

from datetime import timedelta

from django.conf import settings

from recordings_app.models import RecordingRequest
from site_app.text.numbers import parse_whole_number

REQUESTER_COOKIE = "requester"
REQUESTER_COOKIE_SALT = "recordings.requester"
REQUESTER_COOKIE_AGE = timedelta(days=180)


def set_requester_cookie(response, request: RecordingRequest) -> None:
    """Let this browser fill in the next form as the last; it gets a number, and a signature."""
    response.set_signed_cookie(
        REQUESTER_COOKIE,
        str(request.pk),
        salt=REQUESTER_COOKIE_SALT,
        max_age=REQUESTER_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def delete_requester_cookie(response) -> None:
    response.delete_cookie(REQUESTER_COOKIE, samesite="Lax")


def requester_of_cookie(http_request) -> RecordingRequest | None:
    """Return the newest request of the address confirmed in this browser."""
    key = http_request.get_signed_cookie(
        REQUESTER_COOKIE, default="", salt=REQUESTER_COOKIE_SALT, max_age=REQUESTER_COOKIE_AGE
    )
    known = (
        RecordingRequest.objects.confirmed()
        .filter(pk=parse_whole_number(key), anonymised_at=None)
        .first()
    )
    if known is None:
        return None
    return RecordingRequest.objects.of_address(known.email).confirmed().latest("created_at", "pk")
