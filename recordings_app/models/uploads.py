"""Uploads of audio in progress, until the file is checked and attached."""

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from site_app.accounts.user_reference import nullable_user_foreign_key

from .recordings import Recording


def new_key():
    return secrets.token_hex(16)


class RecordingUpload(models.Model):
    """One file being uploaded in pieces, which are in private storage below `folder`."""

    class State(models.TextChoices):
        RECEIVING = "receiving", gettext_lazy("Receiving")
        RECEIVED = "received", gettext_lazy("Waiting to be checked")
        CHECKING = "checking", gettext_lazy("Being checked")
        DONE = "done", gettext_lazy("Attached")
        REFUSED = "refused", gettext_lazy("Refused")

    key = models.CharField(max_length=32, unique=True, default=new_key)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    byte_count = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State, default=State.RECEIVING)
    message = models.CharField(max_length=500, blank=True)
    stored_as = models.CharField(max_length=200, blank=True)
    created_by = nullable_user_foreign_key()
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(received__lte=models.F("byte_count")),
                name="upload_not_more_than_announced",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def folder(self):
        return f"uploads/{self.key}"
