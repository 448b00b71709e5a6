"""Grants for recordings, and every use of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from site_app.accounts.user_reference import nullable_user_foreign_key
from site_app.forms.tokens import make_token, new_nonce
from site_app.text.dates import moment_in_words

from ..querysets import GrantQuerySet
from .recordings import Recording
from .requests import RequestedRecording

GRANT_LINK_PURPOSE = "recording-grant"


class Grant(models.Model):
    """The result of an approved request: a link limited by time and plays, which can be revoked."""

    requested = models.ForeignKey(
        RequestedRecording, on_delete=models.CASCADE, related_name="grants"
    )
    expires_at = models.DateTimeField()
    plays_allowed = models.PositiveSmallIntegerField()
    plays_used = models.PositiveSmallIntegerField(default=0, editable=False)
    note = models.TextField(blank=True, help_text=gettext_lazy("The grantee reads this."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = nullable_user_foreign_key(editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = nullable_user_foreign_key(editable=False)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(plays_used__lte=F("plays_allowed")), name="grant_plays_not_exceeded"
            ),
            models.CheckConstraint(condition=Q(plays_allowed__gt=0), name="grant_allows_a_play"),
        ]

    def __str__(self):
        return gettext("Grant %(pk)s") % {"pk": self.pk}

    @property
    def token(self):
        """The token for its link; always derived, never stored."""
        return make_token(GRANT_LINK_PURPOSE, self.pk, self.nonce)

    @property
    def url(self):
        return settings.SITE_URL + reverse("recordings:granted", args=[self.token])

    @property
    def plays_left(self):
        return max(self.plays_allowed - self.plays_used, 0)

    @property
    def is_expired(self):
        return self.expires_at <= timezone.now()


class Sitting(models.Model):
    """One play: from accepting the terms on, for some hours, in one browser."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="sittings")
    started_at = models.DateTimeField(default=timezone.now)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return moment_in_words(self.started_at)


class AccessLog(models.Model):
    """One access to a recording. A reader is identified only through the grant.

    An access to public audio has no grant and no data about the reader. An access that only staff may
    have stores the name of the user, also after the account is deleted.
    """

    class What(models.TextChoices):
        PLAY = "play", gettext_lazy("Terms accepted")
        AUDIO = "audio", gettext_lazy("Audio")
        TRANSCRIPT = "transcript", gettext_lazy("Transcript")
        STAFF = "staff", gettext_lazy("Heard by staff")

    at = models.DateTimeField(default=timezone.now, db_index=True)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="accesses")
    grant = models.ForeignKey(Grant, null=True, on_delete=models.CASCADE, related_name="accesses")
    sitting = models.ForeignKey(
        Sitting, null=True, on_delete=models.CASCADE, related_name="accesses"
    )
    user = nullable_user_foreign_key()
    user_name = models.CharField(max_length=310, blank=True, default="")  # as it was at that time
    what = models.CharField(max_length=10, choices=What)
    byte_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = gettext_lazy("access")
        verbose_name_plural = gettext_lazy("access log")
        indexes = [models.Index(fields=["recording", "at"], name="access_by_recording_idx")]

    def __str__(self):
        return f"{moment_in_words(self.at)} {self.what}"

    @property
    def by(self):
        """Whose access it was: a request's reference, a member of staff, or "anybody"."""
        if self.grant:
            return self.grant.requested.request.reference
        # "staff": accesses from before names were stored, or whose names were removed.
        return self.user_name or ("staff" if self.what == self.What.STAFF else "anybody")
