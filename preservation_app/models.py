from django.db import models
from django.utils.translation import gettext_lazy


class FileCheck(models.Model):
    """One stored file: its SHA-256, and the result of its last check.

    Documents and recordings have their SHA-256 in their records; for all others (pictures, files of
    imports) the first reading is stored.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Not read yet")
        INTACT = "intact", gettext_lazy("Intact")
        CHANGED = "changed", gettext_lazy("Content differs")
        MISSING = "missing", gettext_lazy("Missing")
        UNREADABLE = "unreadable", gettext_lazy("Cannot be read")
        UNOWNED = "unowned", gettext_lazy("Belongs to nobody")

    storage = models.CharField(max_length=10)  # a key of stored_files.STORAGES
    name = models.CharField(max_length=500)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    owner = models.CharField(
        max_length=300, blank=True, help_text=gettext_lazy("The record that names it.")
    )
    detail = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    byte_count = models.PositiveBigIntegerField(null=True)
    modified_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(
        null=True, help_text=gettext_lazy("When its content was last read.")
    )

    class Meta:
        ordering = ["storage", "name"]
        constraints = [
            models.UniqueConstraint(fields=["storage", "name"], name="filecheck_one_for_a_file")
        ]
        indexes = [
            models.Index(fields=["outcome"], name="filecheck_outcome"),
            models.Index(fields=["checked_at"], name="filecheck_checked_at"),
        ]

    def __str__(self):
        return f"{self.storage}/{self.name}"
