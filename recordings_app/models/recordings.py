"""Recordings of sessions, and who may play them."""

import secrets

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CASCADE, ProtectedError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from recordings_app.chapters import parse_chapters
from sessions_app.models import Session
from sessions_app.models.numbered_parts import NumberedPart
from site_app.accounts.user_reference import nullable_user_foreign_key
from site_app.storage import private_storage

from ..querysets import RecordingQuerySet


def audio_path(instance, filename):
    """Return a path that says nothing and cannot be guessed; 128 random bits."""
    suffix = filename.rpartition(".")[2]
    return f"recordings/{secrets.token_hex(16)}.{suffix}"


def keep_audio(collector, field, recordings, using):
    """Delete placeholders together with their session; refuse if there is audio.

    Audio cannot be recreated, so a user with permission must first delete it on the recording's own page.
    """
    if attached := [recording for recording in recordings if recording.file]:
        raise ProtectedError(gettext("The session has recordings with audio."), set(attached))
    CASCADE(collector, field, recordings, using)


def validate_chapters(text):
    parse_chapters(text)


class Recording(NumberedPart):
    """Audio of a session, or the announcement that there is some (no file yet)."""

    counter_field = "last_recording_number"

    class Access(models.TextChoices):
        OPEN = "open", pgettext_lazy("access to a recording", "Open")
        ON_REQUEST = "on_request", pgettext_lazy("access to a recording", "On request")
        AUTOMATIC = (
            "automatic",
            pgettext_lazy("access to a recording", "On request, granted automatically"),
        )
        CLOSED = "closed", pgettext_lazy("access to a recording", "Closed")

    session = models.ForeignKey(Session, on_delete=keep_audio, related_name="recordings")
    title = models.CharField(
        max_length=300,
        blank=True,
        help_text=gettext_lazy(
            "Public. Only where a session has several, such as “Part 2: discussion”."
        ),
    )
    access = models.CharField(
        max_length=10,
        choices=Access,
        default=Access.ON_REQUEST,
        help_text=gettext_lazy(
            "Open: everybody hears it on the session's page. Closed: readers learn nothing of it."
        ),
    )
    sealed_until = models.DateField(
        null=True,
        blank=True,
        help_text=gettext_lazy(
            "Until this day nobody hears, reads or requests it, whatever the access says."
        ),
    )
    chapters = models.TextField(
        blank=True,
        validators=[validate_chapters],
        help_text=gettext_lazy(
            "Public. One a line: the time and a title, such as “12:30 Questions”. Read from "
            "the file when it is attached, if this is empty."
        ),
    )
    file = models.FileField(
        upload_to=audio_path, storage=private_storage, max_length=200, blank=True, editable=False
    )
    media_type = models.CharField(max_length=50, blank=True, editable=False)
    duration_seconds = models.FloatField(null=True, editable=False)
    # Whether the duration was measured from the whole file, not only read from its header.
    is_measured = models.BooleanField(default=False, editable=False)
    byte_count = models.PositiveBigIntegerField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    facts = models.JSONField(
        default=dict,
        editable=False,
        help_text=gettext_lazy(
            "Of the audio: codec, bit_rate (bit/s), sample_rate (Hz), channels."
        ),
    )
    # Loudness over time, 0 to 100 per step; None: not computed yet; []: no waveform can be
    # computed.
    peaks = models.JSONField(null=True, editable=False)
    file_remark = models.CharField(max_length=300, blank=True, editable=False)
    original_name = models.CharField(max_length=200, blank=True, editable=False)
    attached_at = models.DateTimeField(null=True, editable=False)
    attached_by = nullable_user_foreign_key(editable=False)
    # The value last written to the index; `sealed_until` decides whether the seal is in force.
    is_sealed = models.BooleanField(default=False, editable=False)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["position", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="recording_number_once"),
            models.CheckConstraint(
                condition=models.Q(file="")
                | models.Q(
                    media_type__gt="",
                    sha256__gt="",
                    duration_seconds__isnull=False,
                    byte_count__isnull=False,
                ),
                name="recording_file_is_described",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sealed_until"],
                condition=models.Q(is_sealed=True),
                name="recording_sealed_idx",
            ),
        ]

    def __str__(self):
        if self.title or not self.number:
            return self.title or gettext("Recording")
        return gettext("Recording %(number)s") % {"number": self.number}

    def save(self, *args, **kwargs):
        self.is_sealed = self.is_sealed_now
        super().save(*args, **kwargs)

    def clean(self):
        if self.access == self.Access.OPEN and not self.file and self._state.adding:
            raise ValidationError(
                {"access": gettext("Attach the audio first; until then nobody can hear it.")}
            )

    @property
    def is_sealed_now(self):
        """The rule of `querysets.unsealed_condition` for one loaded record."""
        return self.sealed_until is not None and self.sealed_until > timezone.localdate()

    @property
    def label(self):
        """Its name on pages where its session is not named."""
        return f"{self.session.title}: {self.title}" if self.title else self.session.title

    def get_absolute_url(self):
        return reverse("recordings:recording", args=[self.session.slug, self.number])
