"""A transcript as WebVTT cues."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_lazy

from search_app.models import IndexedModel

from ..querysets import TranscriptQuerySet
from .recordings import Recording


class Transcript(IndexedModel):
    class Access(models.TextChoices):
        PUBLIC = "public", gettext_lazy("Public")
        FINDABLE = "findable", gettext_lazy("Findable")
        CLOSED = "closed", gettext_lazy("Closed")

    recording = models.OneToOneField(
        Recording, on_delete=models.CASCADE, related_name="transcript"
    )
    access = models.CharField(
        max_length=8,
        choices=Access,
        default=Access.CLOSED,
        help_text=gettext_lazy(
            "Public: read, searched and quoted by everybody. Findable: search tells how "
            "often and in which minutes a word occurs, never what was said. Closed: only those who "
            "may hear the recording. A seal on the recording covers its transcript."
        ),
    )
    language = models.CharField(
        max_length=35,
        default="en",
        help_text=gettext_lazy("Language tag (BCP 47): en, fr, pt-BR."),
    )
    note = models.CharField(
        max_length=300,
        blank=True,
        help_text=gettext_lazy("Public: how it was made, such as “Made by machine, not checked”."),
    )

    objects = TranscriptQuerySet.as_manager()

    def __str__(self):
        return gettext("Transcript of %(recording)s") % {"recording": self.recording}


class TranscriptCue(models.Model):
    """One piece of the transcript; without times in one that came as plain text."""

    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="cues")
    position = models.PositiveIntegerField()
    start_ms = models.PositiveIntegerField(null=True)
    end_ms = models.PositiveIntegerField(null=True)
    voice = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["transcript", "position"], name="cue_position_once"),
            models.CheckConstraint(
                condition=Q(start_ms=None, end_ms=None) | Q(end_ms__gt=F("start_ms")),
                name="cue_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="cue_text_not_empty"),
        ]

    def __str__(self):
        return self.text[:80]
