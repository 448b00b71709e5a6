"""What is stored about a permanently deleted public session, for harvesters."""

from django.db import models
from django.utils import timezone


class DeletedSession(models.Model):
    """A deleted session that was public: permanently reported to harvesters.

    It has the identifier and the place in the order of a harvest that its session had. `set_specs`
    are the sets it was in when it was deleted, with a space around each: " series:a topic:b ".
    """

    uid = models.UUIDField(unique=True)
    first_public_at = models.DateTimeField(db_index=True)
    deleted_at = models.DateTimeField(default=timezone.now, db_index=True)
    set_specs = models.TextField(blank=True)

    class Meta:
        ordering = ["first_public_at", "uid"]

    def __str__(self):
        return self.uid.urn
