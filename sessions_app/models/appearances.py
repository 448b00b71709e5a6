"""Who appeared in a session, for whom, and in which role."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from search_app.models import IndexedModel
from speakers_app.models import Organisation, Speaker

from ..querysets import AppearanceQuerySet
from .entry_times import ShownInEntries
from .sessions import Session


class Appearance(ShownInEntries, IndexedModel):
    """A speaker at a session, with the affiliation of that day."""

    entry_fields = {
        "feeds": ("speaker_id", "position"),
        "calendars": (
            "speaker_id",
            "position",
            "organisation_id",
            "role_title",
            "function",
        ),
    }

    class Function(models.TextChoices):
        SPEAKER = "speaker", _("Speaker")
        PANELIST = "panelist", _("Panelist")
        MODERATOR = "moderator", _("Moderator")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="appearances")
    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="appearances")
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="appearances",
        help_text=_("Affiliation at the date of the session."),
    )
    further_organisations = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="further_appearances",
        help_text=_("Only where a speaker named more than one affiliation."),
    )
    role_title = models.CharField(
        _("role"),
        max_length=300,
        blank=True,
        help_text=_("Position at the date of the session, such as “Deputy Director, Plans (J5)”."),
    )
    function = models.CharField(max_length=10, choices=Function, default=Function.SPEAKER)
    position = models.PositiveSmallIntegerField(default=0)

    objects = AppearanceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "speaker"],
                name="appearance_once_per_session",
                violation_error_message=_("This speaker is in the session already."),
            ),
        ]

    def __str__(self):
        return gettext("%(speaker)s at %(session)s") % {
            "speaker": self.speaker,
            "session": self.session,
        }

    @property
    def organisations(self):
        """Every affiliation of the day, the main one first."""
        main = [self.organisation] if self.organisation else []
        return main + list(self.further_organisations.all())
