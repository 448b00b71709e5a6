"""Requests for recordings, and the decision on each recording."""

import secrets

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from site_app.accounts.user_reference import nullable_user_foreign_key
from site_app.forms.tokens import make_token, new_nonce
from site_app.text.email_addresses import StoredAddressField
from site_app.text.languages import language_in_use

from ..querysets import RecordingRequestQuerySet, RequestedRecordingQuerySet
from .recordings import Recording

# Without 0/O and 1/I/L, because people read references aloud.
REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CONFIRM_LINK_PURPOSE, STATUS_LINK_PURPOSE = "request-confirm", "request-status"


def new_reference():
    """Return a reference such as R-7KQ2M9XD."""
    return "R-" + "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))


class RecordingRequest(models.Model):
    """Somebody asks for the recordings of one or more sessions."""

    class Status(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Address not confirmed")
        OPEN = "open", _("Open")
        DECIDED = "decided", _("Decided")

    reference = models.CharField(max_length=10, unique=True, default=new_reference)
    name = models.CharField(max_length=200)
    email = StoredAddressField(_("e-mail address"), blank=True)
    organisation = models.CharField(max_length=300, blank=True)
    purpose = models.TextField(help_text=_("What the recording is needed for."))
    language = models.CharField(
        max_length=10,
        default=language_in_use,
        editable=False,
        help_text=_("In which it was asked; all mails about it are in this language."),
    )
    agreed_terms = models.TextField(help_text=_("The terms of use as they stood when agreed to."))
    recordings = models.ManyToManyField(Recording, through="RequestedRecording")
    status = models.CharField(max_length=11, choices=Status, default=Status.UNCONFIRMED)
    staff_note = models.TextField(blank=True, help_text=_("For staff only."))
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    anonymised_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("When the personal data of this request was removed."),
    )
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    objects = RecordingRequestQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["status", "created_at"], name="request_queue_idx"),
            models.Index(fields=["email"], name="request_address_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="unconfirmed") | models.Q(confirmed_at__isnull=False),
                name="request_open_is_confirmed",
            ),
            models.CheckConstraint(
                condition=models.Q(anonymised_at=None) | models.Q(name="", email="", purpose=""),
                name="request_anonymised_names_nobody",
            ),
        ]

    def __str__(self):
        return self.reference

    def token(self, purpose):
        """Return the token for CONFIRM or STATUS; it is always derived, never stored."""
        return make_token(purpose, self.pk, self.nonce)

    @property
    def confirm_url(self):
        return settings.SITE_URL + reverse(
            "recordings:confirm", args=[self.token(CONFIRM_LINK_PURPOSE)]
        )

    @property
    def status_url(self):
        return settings.SITE_URL + reverse(
            "recordings:status", args=[self.token(STATUS_LINK_PURPOSE)]
        )


class RequestedRecording(models.Model):
    """One recording of a request, and what staff decided about it.

    Readers ask for sessions; each recording that a session offered at that moment is a row, so
    that one part can be given and another declined.
    """

    class Decision(models.TextChoices):
        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        REPEATED = "repeated", _("Already requested")
        WITHDRAWN = "withdrawn", _("Withdrawn by the requester")

    request = models.ForeignKey(
        RecordingRequest, on_delete=models.CASCADE, related_name="requested_recordings"
    )
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="requests")
    decision = models.CharField(max_length=9, choices=Decision, default=Decision.PENDING)
    note = models.TextField(
        blank=True, help_text=_("The requester reads this on the status page.")
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    decided_by = nullable_user_foreign_key(editable=False)

    # What an approval grants; counted from when the link is mailed, which may be later.
    granted_days = models.PositiveSmallIntegerField(null=True, editable=False)
    granted_plays = models.PositiveSmallIntegerField(null=True, editable=False)

    objects = RequestedRecordingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(granted_days=None, granted_plays=None)
                | models.Q(granted_days__gt=0, granted_plays__gt=0),
                name="approval_says_how_long",
            ),
            models.UniqueConstraint(
                fields=["request", "recording"], name="recording_once_per_request"
            ),
        ]

    def __str__(self):
        return self.recording.label
