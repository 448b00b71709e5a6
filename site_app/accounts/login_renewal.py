"""Logins end after some hours without a request."""

import time

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

LOGIN_RENEWAL_INTERVAL_SECONDS = 300
_RENEWED_AT_SESSION_KEY = "renewed_at"


@receiver(user_logged_in)
def _store_login_time_in_session(sender, request, **kwargs):
    request.session[_RENEWED_AT_SESSION_KEY] = int(time.time())


class LoginRenewalMiddleware:
    """Renew a login while it is used: SESSION_COOKIE_AGE counts from the last request.

    Not at each request, which would be a write to the database each time.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        session = request.session
        # Only if the view used the session: other requests then need no query.
        if session.accessed and "_auth_user_id" in session:
            now = int(time.time())
            if now - session.get(_RENEWED_AT_SESSION_KEY, 0) >= LOGIN_RENEWAL_INTERVAL_SECONDS:
                session[_RENEWED_AT_SESSION_KEY] = now
        return response
