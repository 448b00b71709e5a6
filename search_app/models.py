import secrets

from django.db import models
from django.db.models.functions import Now


def change_mark():
    """Return a random number by which a row is told from one of the same id in another life."""
    return secrets.randbits(62)


class Change(models.Model):
    """A record whose public text changed. Ids are in the order in which changes become visible."""

    EVERYTHING = "*"  # as kind: more changed than is worth listing

    kind = models.CharField(max_length=30)
    key = models.BigIntegerField()
    # A database that was restored or made anew counts its ids again; the mark is never the same,
    # so an index of the other life is seen to be none of ours.
    mark = models.BigIntegerField(default=change_mark)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["kind", "id"], name="search_change_kind_id")]

    def __str__(self):
        return f"{self.id}: {self.kind} {self.key}"
