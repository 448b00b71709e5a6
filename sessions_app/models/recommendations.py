"""What was advised in a session."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy

from site_app.text.numbers import parse_whole_number

from ..querysets import RecommendationQuerySet
from .appearances import Appearance
from .entry_times import EntryTimeField, ShownInEntries
from .numbered_parts import NumberedPart
from .sessions import Session
from .taxonomy import Topic

MAX_NUMBER_DIGITS = 9


class Recommendation(ShownInEntries, NumberedPart):
    """One piece of advice from a session."""

    counter_field = "last_recommendation_number"
    entry_fields = {"entry_changed_at": ("text", "audience")}

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="recommendations")
    text = models.TextField(
        help_text=gettext_lazy("Public. The advice as a sentence or clause, as it was given.")
    )
    audience = models.CharField(
        max_length=200,
        blank=True,
        help_text=gettext_lazy("Whom it addresses, such as “US decision makers”."),
    )
    made_by = models.ManyToManyField(
        Appearance,
        blank=True,
        related_name="recommendations",
        help_text=gettext_lazy("Who of this session's speakers gave it."),
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="recommendations")
    entry_changed_at = EntryTimeField()

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["position", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "number"], name="recommendation_number_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(text=""), name="recommendation_text_not_empty"
            ),
        ]

    def __str__(self):
        return self.text[:80]

    @property
    def public_id(self):
        """`<session slug>-<number>`: the last part of its address; split at the last hyphen."""
        return f"{self.session.slug}-{self.number}"

    def get_absolute_url(self):
        return reverse("sessions:recommendation", args=[self.public_id])


def split_public_id(public_id: str) -> tuple[str, int] | None:
    """Return (session slug, number) of "<slug>-<number>", None for anything else."""
    slug, _hyphen, number = public_id.rpartition("-")
    written = parse_whole_number(number, minimum=0, maximum=10**MAX_NUMBER_DIGITS - 1)
    return (slug, written) if slug and written is not None else None
