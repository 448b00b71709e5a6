"""Which recommendations say much the same, as worked out by `recurring.regroup`."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from .parts import Recommendation


class Recurrence(models.Model):
    """A recommendation's place in a group of advice that recurs."""

    # Derived, so no part of what a deletion asks about: the next grouping drops what is gone.
    recommendation = models.OneToOneField(
        Recommendation,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="recurrence",
    )
    group = models.BigIntegerField(db_index=True)  # key of the recommendation in its centre
    likeness = models.FloatField()  # to the centre, up to 1

    def __str__(self):
        return f"{self.recommendation_id} in {self.group}"


class RecurrenceRun(models.Model):
    """When the groups were last worked out, and from which state of the archive; one row."""

    change_id = models.BigIntegerField()
    seconds = models.FloatField()
    ended_at = models.DateTimeField()

    SHARE_OF_TIME = 0.05  # that may go into grouping, however busy the editors are

    def __str__(self):
        return f"{self.change_id} at {self.ended_at}"

    @property
    def is_due(self):
        """Whether another run would still leave most of the time to others."""
        return timezone.now() - self.ended_at > timedelta(
            seconds=self.seconds / self.SHARE_OF_TIME
        )
