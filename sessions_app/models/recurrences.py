"""Which recommendations say much the same, as worked out by `recurring.regroup`."""

from django.db import models

from search_app.change_log import Position

from .recommendations import Recommendation


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


class RecurrenceBlock(models.Model):
    """What grouping has to remember of recommendations whose keys follow each other.

    Rows of `advice_groups.ROW`, 88 bytes each: to read 180,000 of them one by one would take
    longer than to group what changed.
    """

    KEYS = 4096  # of recommendations, in one block

    number = models.BigIntegerField(primary_key=True)  # key // KEYS
    rows = models.BinaryField()

    def __str__(self):
        return f"recommendations from {self.number * self.KEYS} on"


class RecurrenceRun(models.Model):
    """How far grouping has come; one row, of key 1."""

    # The point of the change log up to which changed recommendations were read.
    change_id = models.BigIntegerField(default=0)
    change_mark = models.BigIntegerField(default=0)
    # Key up to which a reading of all recommendations has come; empty when none is under way.
    scanned_to = models.BigIntegerField(null=True, default=0)
    undecided = models.BigIntegerField(default=0)  # recommendations read and not yet in a group
    version = models.BigIntegerField(default=0)  # counts the steps, so that two never mix

    def __str__(self):
        return f"{self.change_id}, {self.undecided} undecided"

    @property
    def position(self) -> Position:
        return Position(self.change_id, self.change_mark)

    @position.setter
    def position(self, position: Position) -> None:
        self.change_id, self.change_mark = position

    @property
    def is_complete(self) -> bool:
        """Whether every recommendation that was read is in its group."""
        return self.scanned_to is None and not self.undecided
