"""Querysets for access to recordings, used by every page, list and index.

A recording of a session that is not public, a sealed one and a closed one exist for staff alone.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from sessions_app.querysets import public_condition


def unsealed_condition(path: str = "") -> Q:
    """Return the condition that no seal is in force today; `path` leads to the recording."""
    today = timezone.localdate()
    return Q(**{f"{path}sealed_until": None}) | Q(**{f"{path}sealed_until__lte": today})


def offered_condition() -> Q:
    """Return the condition that readers may play or request a recording of a public session.

    A recording can be requested before it has audio: it is a placeholder, and the grant waits.
    """
    to_hear = Q(access="open") & ~Q(file="")
    to_ask_for = Q(access__in=("on_request", "automatic"))
    return (to_hear | to_ask_for) & unsealed_condition()


class RecordingQuerySet(models.QuerySet):
    def playable_by_anyone(self):
        """Recordings anyone may play now: open, attached, not sealed, of a published session."""
        return self.filter(
            public_condition("session__"), unsealed_condition(), access="open"
        ).exclude(file="")

    def requestable(self):
        """Recordings that can be requested now, with attached or announced audio."""
        asked_for = ("on_request", "automatic")
        return self.filter(
            public_condition("session__"), unsealed_condition(), access__in=asked_for
        )

    def sealed(self):
        """Recordings that can be played or requested when their seal has ended."""
        public = self.filter(public_condition("session__")).exclude(access="closed")
        return public.filter(sealed_until__gt=timezone.localdate())


class TranscriptQuerySet(models.QuerySet):
    def public(self):
        """Transcripts anyone may read now; a seal on the recording covers its words too."""
        return self._of_public_recordings().filter(access="public")

    def findable(self):
        """Transcripts whose searches show only how often and when a word occurs."""
        return self._of_public_recordings().filter(access="findable")

    def _of_public_recordings(self):
        return self.filter(
            public_condition("recording__session__"), unsealed_condition("recording__")
        )


class GrantQuerySet(models.QuerySet):
    def in_force(self):
        """Grants that are neither revoked nor past their time; plays may be used up."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class RecordingRequestQuerySet(models.QuerySet):
    def of_address(self, email: str):
        """Requests from an address, confirmed or not; none for an empty address."""
        if not email.strip():
            return self.none()
        return self.filter(email=email)

    def confirmed(self):
        return self.exclude(status="unconfirmed")


class RequestedRecordingQuerySet(models.QuerySet):
    def with_grants(self):
        """Prefetch what `request_state.request_state_of` reads: two queries for any number of rows."""
        return self.select_related("recording__session").prefetch_related("grants")

    def with_grant_sittings(self):
        """Add each grant's plays: three queries for any number of rows."""
        return self.prefetch_related("grants__sittings")

    def waiting_for_audio(self):
        """Approved rows without a link yet, because there is no audio."""
        granted = self.model.grants.rel.related_model.objects.filter(
            requested=OuterRef("pk"), created_at__gte=OuterRef("decided_at")
        )
        return self.filter(~Exists(granted), decision="approved", granted_days__gt=0)

    def playable_with_grant(self):
        """Rows whose recording can be played now with a grant."""
        audio = Q(~Q(recording__file=""), ~Q(recording__access="closed"))
        return self.filter(
            audio, public_condition("recording__session__"), unsealed_condition("recording__")
        )

    def approved_and_playable(self):
        """Approved rows whose link can be sent now."""
        return self.waiting_for_audio().playable_with_grant()
