"""What the check of a document's link found, on a record of its own."""

from django.db import models
from django.utils.translation import gettext, gettext_lazy

from .documents import Document


class LinkCheck(models.Model):
    class Outcome(models.TextChoices):
        OK = "ok", gettext_lazy("Answers")
        UNCLEAR = "unclear", gettext_lazy("No clear answer")
        DEAD = "dead", gettext_lazy("Dead")
        REFUSED = "refused", gettext_lazy("Not asked")

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="link_check")
    url = models.URLField(gettext_lazy("as it was asked"), max_length=1000)
    outcome = models.CharField(max_length=7, choices=Outcome)
    status_code = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=200, blank=True)
    moved_to = models.CharField(max_length=1000, blank=True)
    failures = models.PositiveSmallIntegerField(
        default=0, help_text=gettext_lazy("How many checks in a row it has not answered.")
    )
    checked_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["outcome", "-checked_at"], name="link_check_outcome")]

    def __str__(self):
        return gettext("%(url)s: %(outcome)s") % {
            "url": self.url,
            "outcome": self.get_outcome_display(),
        }
