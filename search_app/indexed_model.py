"""Models whose changes the search index follows."""

from django.db import models, transaction


class IndexedModel(models.Model):
    """Saves a record and the change-log rows of its signals in one transaction.

    Django sends `post_save` after the row is committed unless somebody opened a transaction; a
    search in between would take the index for complete, and a crash would lose the change.
    """

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
