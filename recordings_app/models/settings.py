"""The access officers' settings for requests; a single row, with defaults until it is saved."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext, gettext_lazy

MAX_GRANT_DAYS = 365  # days
MAX_PLAYS = 1000


class RequestSettings(models.Model):
    days = models.PositiveSmallIntegerField(
        gettext_lazy("days of access"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_GRANT_DAYS)],
        help_text=gettext_lazy(
            "What an approval gives unless you say otherwise; automatic ones always."
        ),
    )
    plays = models.PositiveSmallIntegerField(
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_PLAYS)],
        help_text=gettext_lazy("How often the recording may be played; likewise."),
    )
    reply_to = models.EmailField(
        blank=True,
        help_text=gettext_lazy(
            "Where answers of requesters go. Empty means the contact address of the site."
        ),
    )
    team_copy = models.EmailField(
        blank=True,
        help_text=gettext_lazy(
            "Gets a copy of each mail about a decision, without the private links. "
            "Empty means no copies."
        ),
    )
    reminder_days = models.PositiveSmallIntegerField(
        default=3,
        help_text=gettext_lazy(
            "A mail to the contact address, at most once a day, while requests older than "
            "so many days wait for a decision; 0 means none."
        ),
    )
    decision_days = models.PositiveSmallIntegerField(
        gettext_lazy("days until a decision"),
        default=0,
        help_text=gettext_lazy(
            "How long a decision usually takes; the request form says so. 0 means that it "
            "says nothing about it."
        ),
    )
    kept_days = models.PositiveSmallIntegerField(
        gettext_lazy("days until names are removed"),
        default=365,
        validators=[MinValueValidator(1)],
        help_text=gettext_lazy(
            "So many days after a request has come to its end, name, address, organisation, "
            "purpose and notes are removed from it. Decisions and plays still count in reports."
        ),
    )
    reminded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("request settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="request_settings_single_row"),
        ]

    def __str__(self):
        return gettext("Request settings")

    @classmethod
    def load(cls):
        return cls.objects.filter(pk=1).first() or cls(pk=1)
