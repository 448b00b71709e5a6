"""What a session consists of: who appeared, what they advised, what can be downloaded."""

from django.core.files.storage import storages
from django.db import models, transaction
from django.urls import reverse

from search_app.indexed_model import IndexedModel
from speakers_app.models import Organisation, Speaker

from ..querysets import AppearanceQuerySet, RecommendationQuerySet
from .entry_times import EntryTimeField, ShownInEntries
from .sessions import Session
from .taxonomy import Topic


class Appearance(ShownInEntries, IndexedModel):
    """A speaker at a session, with the affiliation of that day."""

    entry_fields = {
        "feeds": ("speaker_id", "position"),
        "calendars": (
            "speaker_id", "position", "organisation_id", "role_title", "function",
        ),
    }  # fmt: skip

    class Function(models.TextChoices):
        SPEAKER = "speaker", "Speaker"
        PANELIST = "panelist", "Panelist"
        MODERATOR = "moderator", "Moderator"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="appearances")
    speaker = models.ForeignKey(Speaker, on_delete=models.PROTECT, related_name="appearances")
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="appearances",
        help_text="Affiliation at the date of the session.",
    )
    further_organisations = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="further_appearances",
        help_text="Only where a speaker named more than one affiliation.",
    )
    role_title = models.CharField(
        "role",
        max_length=300,
        blank=True,
        help_text="Position at the date of the session, such as “Deputy Director, Plans (J5)”.",
    )
    function = models.CharField(max_length=10, choices=Function, default=Function.SPEAKER)
    position = models.PositiveSmallIntegerField(default=0)

    objects = AppearanceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "speaker"],
                name="appearance_once_per_session",
                violation_error_message="This speaker is in the session already.",
            ),
        ]

    def __str__(self):
        return f"{self.speaker} at {self.session}"

    @property
    def organisations(self):
        """Every affiliation of the day, the main one first."""
        main = [self.organisation] if self.organisation else []
        return main + list(self.further_organisations.all())


class NumberedPart(IndexedModel):
    """A part with a number given once within its session, apart from its position."""

    counter_field = None

    number = models.PositiveIntegerField(editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.number is None:
            with transaction.atomic():
                # The row lock makes two editors of one session take different numbers.
                session = Session.objects.select_for_update().get(pk=self.session_id)
                self.number = getattr(session, self.counter_field) + 1
                Session.objects.filter(pk=session.pk).update(**{self.counter_field: self.number})
                return super().save(*args, **kwargs)
        return super().save(*args, **kwargs)


class Recommendation(ShownInEntries, NumberedPart):
    """One piece of advice from a session."""

    counter_field = "last_recommendation_number"
    entry_fields = {"entry_changed_at": ("text", "audience")}

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="recommendations")
    text = models.TextField(
        help_text="Public. The advice as a sentence or clause, as it was given."
    )
    audience = models.CharField(
        max_length=200, blank=True, help_text="Whom it addresses, such as “US decision makers”."
    )
    made_by = models.ManyToManyField(
        Appearance,
        blank=True,
        related_name="recommendations",
        help_text="Who of this session's speakers gave it.",
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


def document_path(instance, filename):
    return f"documents/{instance.session_id}/{instance.number}/{filename}"


def private_storage():
    return storages["private"]


class Document(NumberedPart):
    """A biography, paper or slide set: a private file given out by the guarded address, or a link."""

    counter_field = "last_document_number"

    class Kind(models.TextChoices):
        BIOGRAPHIES = "biographies", "Biographies"
        PAPER = "paper", "Paper"
        REPORT = "report", "Report"
        SLIDES = "slides", "Slides"
        OTHER = "other", "Other"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.OTHER)
    title = models.CharField(max_length=500)
    file = models.FileField(
        upload_to=document_path, storage=private_storage, max_length=300, blank=True
    )
    url = models.URLField("link", max_length=1000, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    media_type = models.CharField(max_length=100, blank=True, editable=False)
    byte_count = models.PositiveBigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["position", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="document_number_once"),
            models.CheckConstraint(
                condition=models.Q(file="", url__gt="") | models.Q(file__gt="", url=""),
                name="document_either_file_or_link",
                violation_error_message="Give either a file or a link, not both and not neither.",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def filename(self):
        """The name a reader's download gets; the last part of the stored path."""
        return self.file.name.rsplit("/", 1)[-1]

    def get_absolute_url(self):
        if self.url:
            return self.url
        return reverse("sessions:document", args=[self.session.slug, self.number, self.filename])
