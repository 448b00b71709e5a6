from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from site_app.forms.tokens import make_token, new_nonce
from site_app.text.email_addresses import StoredAddressField
from site_app.text.languages import language_in_use

from .alert_query import MAX_STORED_QUERY_CHARACTERS, AlertQuery

ALERT_TOKEN_PURPOSE = "alert"  # noqa: S105 - the purpose of the token, not one
# Each run also covers the days before the last run, to find results that were saved late or that
# match only after a correction. Results already mailed are recorded and not mailed again.
OVERLAP_WITH_EARLIER_RUNS = timedelta(days=7)


class AlertQuerySet(models.QuerySet):
    def due_for_mail(self, now: datetime):
        """Alerts that may send a mail now: confirmed, their last mail a day or week ago."""
        waits = Q()
        for frequency, period in MIN_MAIL_INTERVAL_OF_FREQUENCY.items():
            waits |= Q(frequency=frequency, mailed_at__lte=now - period)
        return self.filter(Q(mailed_at=None) | waits, status=Alert.Status.ACTIVE)


class Alert(models.Model):
    """Somebody wants new results of a query by e-mail."""

    class Status(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Address not confirmed")
        ACTIVE = "active", _("Active")
        STOPPED = "stopped", _("Stopped")

    class Frequency(models.TextChoices):
        DAILY = "daily", _("At most once a day")
        WEEKLY = "weekly", _("At most once a week")

    class List(models.TextChoices):
        SESSIONS = "sessions", _("Sessions")
        RECOMMENDATIONS = "recommendations", _("Recommendations")

    email = StoredAddressField(
        _("e-mail address"), blank=True, help_text=_("In small letters; empty once stopped.")
    )
    kind = models.CharField(_("list"), max_length=15, choices=List)
    query = models.CharField(
        max_length=MAX_STORED_QUERY_CHARACTERS, blank=True, help_text=_("The list's query string.")
    )
    note = models.CharField(max_length=500, blank=True)
    language = models.CharField(
        max_length=10,
        default=language_in_use,
        editable=False,
        help_text=_("In which it was asked for; its mails are in this language."),
    )
    frequency = models.CharField(max_length=6, choices=Frequency, default=Frequency.DAILY)
    status = models.CharField(max_length=11, choices=Status, default=Status.UNCONFIRMED)
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    mailed_at = models.DateTimeField(_("last mail"), null=True, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    unusable_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("Since when the query can find nothing; deleted after 30 days."),
    )
    looked_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_change = models.BigIntegerField(
        default=0, editable=False, help_text="Newest change of the archive when last looked."
    )
    run = models.PositiveIntegerField(default=0, editable=False, help_text=_("Mails so far."))
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["status", "looked_at"], name="alert_due_idx")]
        constraints = [
            models.UniqueConstraint(
                fields=["email", "kind", "query"], condition=~Q(email=""), name="alert_once"
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(confirmed_at__isnull=False),
                name="alert_active_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(status="stopped", email="", stopped_at__isnull=False)
                | (~Q(status="stopped") & ~Q(email="")),
                name="alert_stopped_keeps_no_address",
            ),
        ]

    def __str__(self):
        # Without the address: the admin log keeps this text after the alert is deleted.
        return f"{self.get_kind_display()} alert {self.pk}"

    @property
    def token(self):
        """The token for its links; always derived, never stored."""
        return make_token(ALERT_TOKEN_PURPOSE, self.pk, self.nonce)

    @property
    def manage_path(self):
        return reverse("alerts:alert", args=[self.token])

    @property
    def stop_path(self):
        return reverse("alerts:stop", args=[self.token])

    @property
    def manage_url(self):
        return settings.SITE_URL + self.manage_path

    @property
    def stop_url(self):
        return settings.SITE_URL + self.stop_path

    @property
    def new_alert_path(self):
        """The URL for requesting the same alert again."""
        query = f"{self.query}&" if self.query else ""
        return f"{reverse('alerts:new')}?{query}list={self.kind}"

    def alert_query(self) -> AlertQuery:
        return AlertQuery.from_stored(self.kind, self.query)

    @property
    def new_results_since(self) -> datetime:
        """Return since when what was published may be new to this alert."""
        return max(self.asked_at, self.looked_at - OVERLAP_WITH_EARLIER_RUNS)


MIN_MAIL_INTERVAL_OF_FREQUENCY = {
    Alert.Frequency.DAILY: timedelta(days=1),
    Alert.Frequency.WEEKLY: timedelta(days=7),
}


class AlertResult(models.Model):
    """A session or recommendation that an alert has mailed, so that it never does again.

    It names the record by its key alone: one that is deleted and restored is not new.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="results")
    record_key = models.BigIntegerField()
    run = models.PositiveIntegerField(help_text="Which of the alert's mails names it.")
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "record_key"], name="alert_result_once"),
        ]

    def __str__(self):
        return f"{self.record_key} in mail {self.run}"

    @staticmethod
    def no_longer_findable_condition(now: datetime) -> Q:
        """Results so old at `now` that no run can find them again."""
        long_ago = Q(chosen_at__lt=now - 4 * OVERLAP_WITH_EARLIER_RUNS)
        return long_ago & Q(chosen_at__lt=F("alert__looked_at") - 4 * OVERLAP_WITH_EARLIER_RUNS)
