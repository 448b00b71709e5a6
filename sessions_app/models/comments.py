"""What readers wrote under a session; shown only when staff have approved it."""

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from search_app.models import IndexedModel
from site_app.accounts.user_reference import nullable_user_foreign_key
from site_app.text.email_addresses import StoredAddressField

from ..querysets import CommentQuerySet
from .entry_times import EntryTimeField, ShownInEntries
from .sessions import Session


class Comment(ShownInEntries, IndexedModel):
    entry_fields = {"entry_changed_at": ("name", "body")}

    class Status(models.TextChoices):
        PENDING = "pending", gettext_lazy("Waiting")
        APPROVED = "approved", pgettext_lazy("comment", "Approved")
        REJECTED = "rejected", gettext_lazy("Rejected")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="comments")
    reply_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies"
    )
    name = models.CharField(max_length=200)
    # Imported comments may have no address; the form requires one.
    email = StoredAddressField(
        gettext_lazy("e-mail address"),
        blank=True,
        help_text=gettext_lazy("For staff, never shown."),
    )
    body = models.TextField(gettext_lazy("comment"), help_text=gettext_lazy("Plain text."))
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(gettext_lazy("written at"), default=timezone.now)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = nullable_user_foreign_key(editable=False)
    entry_changed_at = EntryTimeField()
    import_ref = models.CharField(max_length=250, null=True, unique=True, editable=False)  # noqa: DJ001 - unique where present

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["session", "status", "created_at"], name="comment_shown_idx"),
            models.Index(fields=["status", "created_at"], name="comment_queue_idx"),
            models.Index(fields=["created_at"], name="comment_written_idx"),
            models.Index(
                "status",
                Coalesce("decided_at", "created_at").desc(),
                models.F("id").desc(),
                name="comment_newest_idx",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(body=""), name="comment_not_empty"),
        ]

    def __str__(self):
        return gettext("%(name)s: %(body)s") % {"name": self.name, "body": self.body[:60]}

    @property
    def anchor(self):
        return f"comment-{self.pk}"

    def get_absolute_url(self):
        return f"{self.session.get_absolute_url()}#{self.anchor}"

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._stored_status = instance.__dict__.get("status", "")
        return instance

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        self._stored_status = self.status
