"""What staff wrote to each other about a session."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .sessions import Session


class ReviewNote(models.Model):
    """What a member of staff wrote about a session to the others; open until it is resolved."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="review_notes")
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="review_note_not_empty"),
        ]

    def __str__(self):
        return self.text[:60]
