"""The files in which the whole public archive is given away."""

from django.db import models


class BulkFile(models.Model):
    """One file as last built; its content is in private storage under its own name.

    `change_id` and `change_mark` are the newest change that it contains.
    """

    name = models.CharField(max_length=60, unique=True)
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    byte_count = models.PositiveBigIntegerField()
    record_count = models.PositiveIntegerField()
    change_id = models.PositiveBigIntegerField()
    change_mark = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name
