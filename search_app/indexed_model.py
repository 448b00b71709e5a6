"""Models whose changes the search index follows."""

from django.db import models, transaction


class IndexedModel(models.Model):
    """Saved together with what its signals write to the change log, or not at all.

    Django sends `post_save` after the row is committed unless somebody opened a transaction; a
    search in between would take the index for complete, and a crash would lose the change.
    """

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
