"""Merges and splits, pairs of similar records, and the findings of background checks."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from search_app.change_log import WithPosition
from site_app.accounts.user_reference import nullable_user_foreign_key


class MergeRecord(models.Model):
    """One merge or split, with a journal of its steps to undo it."""

    class Kind(models.TextChoices):
        MERGE = "merge", gettext_lazy("Merge")
        SPLIT = "split", gettext_lazy("Split")

    kind = models.CharField(max_length=5, choices=Kind)
    model = models.CharField(
        max_length=100, help_text=gettext_lazy("Such as speakers_app.speaker.")
    )
    key = models.BigIntegerField(help_text=gettext_lazy("Of the record that was kept, or split."))
    title = models.CharField(max_length=500)
    steps = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    touched = models.JSONField(default=dict, help_text="Keys of what shows the moved rows.")
    report = models.JSONField(default=list, help_text="What moved, in words.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = nullable_user_foreign_key()
    undone_at = models.DateTimeField(null=True)
    undone_by = nullable_user_foreign_key()

    class Meta:
        verbose_name = gettext_lazy("merge or split")
        verbose_name_plural = gettext_lazy("merges and splits")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["model", "key"], name="merge_of_record")]

    def __str__(self):
        return self.title


class Absorbed(models.Model):
    """A record merged into another: its former key and its successor."""

    merge = models.ForeignKey(MergeRecord, on_delete=models.CASCADE, related_name="absorbed")
    model = models.CharField(max_length=100)
    key = models.BigIntegerField()
    into = models.BigIntegerField()
    name = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["model", "key"], name="absorbed_record")]

    def __str__(self):
        return self.name


class LookAlike(models.Model):
    """Two records of one model that may be the same; `first` is the smaller key."""

    model = models.CharField(max_length=100)
    first = models.BigIntegerField()
    second = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    likeness = models.PositiveSmallIntegerField(help_text="Percent.")
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = nullable_user_foreign_key()

    class Meta:
        ordering = ["-likeness", "first", "second"]
        constraints = [
            models.UniqueConstraint(fields=["model", "first", "second"], name="look_alike_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="look_alike_in_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["model", "-likeness", "first", "second"],
                condition=models.Q(dismissed_at=None),
                name="look_alike_open",
            )
        ]

    def __str__(self):
        return f"{self.model} {self.first} and {self.second}: {self.reason}"


class Finding(models.Model):
    """A finding of a check about a record; a dismissed finding does not come back."""

    check_name = models.CharField(max_length=40)
    key = models.BigIntegerField(help_text="Of the record it is about.")
    text = models.CharField(max_length=500)
    found_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = nullable_user_foreign_key()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["check_name", "key", "text"], name="finding_once")
        ]
        indexes = [
            models.Index(
                fields=["check_name", "-id"],
                condition=models.Q(dismissed_at=None),
                name="finding_open",
            )
        ]

    def __str__(self):
        return self.text


class CheckedRecord(models.Model):
    """A record and the version at which a check last examined it; later changes make it due."""

    check_name = models.CharField(max_length=40)
    key = models.BigIntegerField()
    state_of = models.DateTimeField(help_text="When the record had last changed.")
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["check_name", "key"], name="checked_record_once")
        ]

    def __str__(self):
        return f"{self.check_name}: {self.key}"


class CheckRun(WithPosition, models.Model):
    """When a check last ran, how long it took, and its progress."""

    name = models.CharField(max_length=40, unique=True)
    change_id = models.BigIntegerField(
        default=0, help_text="The last change that it has taken into account."
    )
    change_mark = models.BigIntegerField(default=0)
    scanned_to = models.BigIntegerField(
        null=True, help_text="Up to this key, while it goes through all records."
    )
    went_through_at = models.DateTimeField(
        null=True, help_text="When it last began to go through all records."
    )
    version = models.PositiveIntegerField(default=0, help_text="Counts its steps.")
    seconds = models.FloatField(default=0)
    ended_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"{self.name} at {self.ended_at}"
