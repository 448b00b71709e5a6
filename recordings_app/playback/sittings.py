"""Sittings: accepting the terms uses a play, and later requests belong to it."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from recordings_app.models import AccessLog, Grant, Sitting

SITTING_COOKIE = "sitting"
MAX_SITTING_HOURS = 12


def start_sitting(grant: Grant) -> str | None:
    """Count one play and begin a sitting; return its key, or None when no play is left.

    One statement asks and counts, so that of any number of acceptances at once exactly the
    allowed number succeeds.
    """
    with transaction.atomic():
        with_plays = Grant.objects.in_force().filter(plays_used__lt=F("plays_allowed"))
        counted = with_plays.filter(pk=grant.pk).update(plays_used=F("plays_used") + 1)
        if not counted:
            return None
        key = secrets.token_hex(16)
        sitting = Sitting.objects.create(grant=grant, key_hash=sha256_of_sitting_key(key))
        AccessLog.objects.create(
            recording=grant.requested.recording,
            grant=grant,
            sitting=sitting,
            what=AccessLog.What.PLAY,
        )
    return key


def sitting_of_browser(request, grant: Grant) -> Sitting | None:
    """Return the current sitting of this browser for this grant, or None."""
    key = request.COOKIES.get(SITTING_COOKIE, "")
    if len(key) != 32 or not key.isascii():
        return None
    begun = timezone.now() - timedelta(hours=MAX_SITTING_HOURS)
    # Looked up by hash, so that the response time reveals nothing about the key.
    running = Sitting.objects.filter(grant=grant, started_at__gt=begun)
    return running.filter(key_hash=sha256_of_sitting_key(key)).first()


def sha256_of_sitting_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def set_sitting_cookie(response, key: str, token: str) -> None:
    """Set the cookie with the key of the sitting, limited to the paths of this grant."""
    response.set_cookie(
        SITTING_COOKIE,
        key,
        max_age=MAX_SITTING_HOURS * 3600,
        path=reverse("recordings:granted", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # the link in the mail is opened from another site and must send the cookie
    )
