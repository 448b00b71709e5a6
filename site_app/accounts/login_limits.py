"""Limits on login attempts by network and by name, without a way to lock others out.

A browser that has logged in as somebody before is known by a signed cookie. What is typed there for
that name counts against the browser alone, so that failures elsewhere, on purpose or not, do not
keep its owner out. Somebody at a new browser meanwhile chooses a new password by mail, which makes
the browser a known one.
"""

import unicodedata
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.utils.crypto import get_random_string

from site_app.forms.protection import (
    TooManyError,
    count_attempt_of_each_key,
    hashed_limit_key,
    uncount_attempts,
)
from site_app.http.client_address import client_address_or_network

MAX_HOURLY_FAILURES_OF_NETWORK = 30  # per hour
MAX_HOURLY_FAILURES_OF_USERNAME = 30  # per hour, from all unknown browsers together
MAX_HOURLY_FAILURES_OF_KNOWN_BROWSER = 20  # per hour, from one known browser
KNOWN_BROWSER_COOKIE = "known_browser"
KNOWN_BROWSER_COOKIE_AGE = timedelta(days=180)
_KNOWN_BROWSER_SALT = "site_app.accounts.known_browser"


class LimitedModelBackend(ModelBackend):
    """Django's accounts; each attempt is counted before its password is checked.

    Beyond the limit the password is not checked, so that the response cannot reveal whether it is correct;
    `request.login_refused` is then the TooManyError.
    """

    def authenticate(self, request, username=None, password=None, **kwargs):
        if username is None:
            username = kwargs.get(get_user_model().USERNAME_FIELD)
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        try:
            attempts = count_attempt_of_each_key(_login_limit_of_each_key(request, username))
        except TooManyError as error:
            request.login_refused = error
            raise PermissionDenied from error
        user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            uncount_attempts(attempts)
        return user


def set_known_browser_cookie(response, user) -> None:
    """Mark the browser that gets this response as known for `user`."""
    response.set_cookie(
        KNOWN_BROWSER_COOKIE,
        signing.dumps(
            [_normalise_username(user.get_username()), get_random_string(22)],
            salt=_KNOWN_BROWSER_SALT,
        ),
        max_age=KNOWN_BROWSER_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
        path="/admin/",
    )


def _login_limit_of_each_key(request, username) -> dict[str, int]:
    name = _normalise_username(username)
    if browser := _known_browser_id(request, name):
        return {hashed_limit_key("login-browser", browser): MAX_HOURLY_FAILURES_OF_KNOWN_BROWSER}
    return {
        hashed_limit_key("login-name", name): MAX_HOURLY_FAILURES_OF_USERNAME,
        hashed_limit_key(
            "login-network", client_address_or_network(request)
        ): MAX_HOURLY_FAILURES_OF_NETWORK,
    }


def _known_browser_id(request, name) -> str:
    """Return the random part of the cookie if it belongs to the user who logs in, otherwise ""."""
    try:
        known_name, browser = signing.loads(
            request.COOKIES.get(KNOWN_BROWSER_COOKIE, ""),
            salt=_KNOWN_BROWSER_SALT,
            max_age=KNOWN_BROWSER_COOKIE_AGE,
        )
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return browser if known_name == name else ""


def _normalise_username(username: str) -> str:
    return unicodedata.normalize("NFKC", username).casefold().strip()
