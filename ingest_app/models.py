from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions_app.models import Session


class ImportRun(models.Model):
    """One run of an import: what came in, from where, with what result."""

    kind = models.CharField(max_length=30)
    source_name = models.CharField(max_length=300)
    source_sha256 = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=list)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return f"{self.kind}: {self.source_name}"


class ImportedRecord(models.Model):
    """What an import wrote to a session, as fingerprints: so a later edit is seen and kept."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="imported")
    digest = models.CharField(max_length=40, help_text="Of the whole record as it was read.")
    fields = models.JSONField(default=dict, help_text="Of each field as it was written.")

    def __str__(self):
        return str(self.session)
