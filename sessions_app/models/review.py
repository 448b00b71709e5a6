"""What staff wrote to each other about a session."""

from django.db import models
from django.utils import timezone

from site_app.accounts.user_reference import nullable_user_foreign_key

from .sessions import Session


class ReviewNote(models.Model):
    """What a member of staff wrote about a session to the others; open until it is resolved."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="review_notes")
    text = models.TextField()
    author = nullable_user_foreign_key()
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = nullable_user_foreign_key()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="review_note_not_empty"),
        ]

    def __str__(self):
        return self.text[:60]
