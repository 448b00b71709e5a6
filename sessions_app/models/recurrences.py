"""Which recommendations say much the same, as worked out by `recurring.update_groups`."""

from django.db import models

from search_app.change_log import WithPosition

from .recommendations import Recommendation


class Recurrence(models.Model):
    """A recommendation's place in a group of advice that recurs."""

    # Derived data without a constraint: a deletion ignores it, and the next grouping removes it.
    recommendation = models.OneToOneField(
        Recommendation,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="recurrence",
    )
    # Key of the recommendation at the centre of its group.
    group = models.BigIntegerField(db_index=True)
    likeness = models.FloatField()  # similarity to the centre, up to 1

    def __str__(self):
        return f"{self.recommendation_id} in {self.group}"


class RecurrenceBlock(models.Model):
    """What grouping has to remember of recommendations whose keys follow each other.

    Rows of `advice_groups.TEXT_ROW_DTYPE`, 88 bytes each: to read 180,000 of them one by one would take
    longer than to group what changed.
    """

    KEYS = 4096  # recommendations per block

    number = models.BigIntegerField(primary_key=True)  # key // KEYS
    rows = models.BinaryField()

    def __str__(self):
        return f"recommendations from {self.number * self.KEYS} on"


class RecurrenceRun(WithPosition, models.Model):
    """How far grouping has come; one row, of key 1."""

    # Position in the change log up to which changed recommendations were read.
    change_id = models.BigIntegerField(default=0)
    change_mark = models.BigIntegerField(default=0)
    # Last key reached by the scan of all recommendations; empty when no scan is running.
    scanned_to = models.BigIntegerField(null=True, default=0)
    # Recommendations read but not yet assigned to a group.
    undecided = models.BigIntegerField(default=0)
    # Incremented at each step, so that two steps are never mixed.
    version = models.BigIntegerField(default=0)

    def __str__(self):
        return f"{self.change_id}, {self.undecided} undecided"

    @property
    def is_complete(self) -> bool:
        """Whether every recommendation that was read is in its group."""
        return self.scanned_to is None and not self.undecided
