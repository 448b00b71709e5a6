"""What can be downloaded of a session."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from site_app.storage import private_storage

from .numbered_parts import NumberedPart
from .sessions import Session


def document_path(instance, filename):
    return f"documents/{instance.session_id}/{instance.number}/{filename}"


class Document(NumberedPart):
    """A biography, paper or slide set: a private file given out by the guarded address, or a link."""

    counter_field = "last_document_number"

    class Kind(models.TextChoices):
        BIOGRAPHIES = "biographies", _("Biographies")
        PAPER = "paper", _("Paper")
        REPORT = "report", _("Report")
        SLIDES = "slides", _("Slides")
        OTHER = "other", _("Other")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=11, choices=Kind, default=Kind.OTHER)
    title = models.CharField(max_length=500)
    file = models.FileField(
        upload_to=document_path, storage=private_storage, max_length=300, blank=True
    )
    url = models.URLField(_("link"), max_length=1000, blank=True)
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
                violation_error_message=_(
                    "Give either a file or a link, not both and not neither."
                ),
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
