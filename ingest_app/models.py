import secrets
from pathlib import PurePath

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from sessions_app.models import Session
from site_app.accounts.user_reference import nullable_user_foreign_key
from site_app.storage import private_storage

from .wordpress_mapping_choices import ALLOWED_TARGETS, MappingKind, MappingTarget


def import_file_path(instance, filename):
    # Stores only the suffix of the original file name; `source_name` has the whole name.
    return f"imports/{secrets.token_hex(12)}{PurePath(filename).suffix[:5]}"


class ImportRun(models.Model):
    """One run of an import: its source and result.

    A command's run is done when it is written down; one that was uploaded waits for the worker
    and is worked off in slices: `position` says how far it is.
    """

    class Kind(models.TextChoices):
        PAGES = "pages", gettext_lazy("Pages of the old site")
        TALKS = "talks", gettext_lazy("Talks in bulk")
        WORDPRESS = "wordpress", gettext_lazy("WordPress export")
        SHEET = "sheet", gettext_lazy("Spreadsheet")

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting for the worker")
        RUNNING = "running", gettext_lazy("Running")
        DONE = "done", gettext_lazy("Done")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")
        FAILED = "failed", gettext_lazy("Failed")
        TAKING_BACK = "taking back", gettext_lazy("Being taken back")
        TAKEN_BACK = "taken back", gettext_lazy("Taken back")

    kind = models.CharField(max_length=30, choices=Kind)
    source_name = models.CharField(gettext_lazy("source"), max_length=300)
    source_sha256 = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=11, choices=State, default=State.DONE)
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=list)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    started_by = nullable_user_foreign_key()
    file = models.FileField(
        upload_to=import_file_path, storage=private_storage, max_length=200, blank=True
    )
    media_file = models.FileField(
        upload_to=import_file_path, storage=private_storage, max_length=200, blank=True
    )
    position = models.BigIntegerField(default=0)
    length = models.BigIntegerField(default=0)
    taken_at = models.DateTimeField(
        null=True, help_text=gettext_lazy("When a worker last worked on it.")
    )

    class Meta:
        ordering = ["-started_at", "-pk"]
        permissions = [("take_back_importrun", "Can take back an import")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.source_name}"

    @property
    def acting_user(self):
        """The person whose rights it has; None for a command. Whose account is gone has none."""
        if self.started_by is None and self.file:
            return AnonymousUser()
        return self.started_by

    @property
    def is_dry(self):
        return bool(self.options.get("dry_run"))

    @property
    def is_unfinished(self):
        return self.state in (self.State.WAITING, self.State.RUNNING, self.State.TAKING_BACK)

    @property
    def percent(self):
        if not self.length:
            return 0 if self.is_unfinished else 100
        return min(100 * self.position // self.length, 100)


class RunItem(models.Model):
    """The result of one imported item, with reasons."""

    class Status(models.TextChoices):
        CREATED = "created", gettext_lazy("Created")
        CHANGED = "changed", gettext_lazy("Changed")
        UNCHANGED = "unchanged", gettext_lazy("Unchanged")
        REFUSED = "refused", gettext_lazy("Refused")
        LEFT_OUT = "left out", gettext_lazy("Left out")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="items")
    ref = models.CharField(max_length=250, blank=True)
    line = models.PositiveIntegerField(null=True)
    title = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=9, choices=Status)
    doubts = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    is_doubtful = models.BooleanField(default=False)
    address = models.CharField(
        max_length=300, blank=True, help_text=gettext_lazy("Its page on this site.")
    )

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["run", "status"], name="run_item_status")]

    def __str__(self):
        return self.title or self.ref

    def as_report(self):
        """Return the item as the JSON report has it."""
        return {
            "ref": self.ref,
            "line": self.line,
            "title": self.title,
            "status": self.status,
            "doubtful": self.is_doubtful,
            "doubts": self.doubts,
            "remarks": self.remarks,
            "address": self.address,
        }


class RunMade(models.Model):
    """A record created or changed by an import, with its states before and after, for the rollback."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="made")
    model = models.CharField(
        max_length=60, help_text=gettext_lazy("Such as sessions_app.session.")
    )
    key = models.BigIntegerField()
    label = models.CharField(max_length=300, blank=True)
    is_new = models.BooleanField()
    before = models.JSONField(default=dict, help_text="Of a changed record: values, or a version.")
    fingerprint = models.CharField(max_length=64, help_text="Of the record as the run left it.")
    is_settled = models.BooleanField(default=False, help_text="Taken back, or kept for a reason.")
    kept_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "model", "key"], name="run_made_once"),
        ]
        indexes = [models.Index(fields=["model", "key"], name="run_made_record")]

    def __str__(self):
        return self.label


class MappingRule(models.Model):
    """A mapping rule of WordPress imports, edited by staff."""

    Kind, Target = MappingKind, MappingTarget

    kind = models.CharField(max_length=11, choices=Kind)
    source = models.CharField(gettext_lazy("on the old site"), max_length=250)
    label = models.CharField(
        gettext_lazy("name there"), max_length=300, blank=True, editable=False
    )
    target = models.CharField(gettext_lazy("becomes"), max_length=15, choices=Target)
    name = models.CharField(
        gettext_lazy("name here"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy("Of the topic, region or series; empty: as on the old site."),
    )
    occurs = models.PositiveIntegerField(
        default=0,
        editable=False,
        help_text=gettext_lazy("How often in the export that was read last."),
    )

    class Meta:
        ordering = ["kind", "source"]
        verbose_name = gettext_lazy("WordPress mapping rule")
        constraints = [
            models.UniqueConstraint(fields=["kind", "source"], name="mapping_rule_once"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.source}"

    def clean(self):
        allowed = ALLOWED_TARGETS.get(self.kind, ())
        if self.target and self.target not in allowed:
            words = ", ".join(str(target.label) for target in allowed)
            raise ValidationError(
                {"target": gettext("This can become: %(words)s.") % {"words": words}}
            )


class ImportedRecord(models.Model):
    """Fingerprints of what an import wrote to a session, so that later edits are detected and kept."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="imported")
    digest = models.CharField(max_length=40, help_text="Of the whole record as it was read.")
    fields = models.JSONField(default=dict, help_text="Of each field as it was written.")
    comments = models.JSONField(
        default=list, help_text="Numbers of the comments that came along; none comes twice."
    )

    def __str__(self):
        return str(self.session)


class IncomingPage(models.Model):
    """A pasted or uploaded page that its owner is reviewing; saving it stores the session."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting")
        SAVED = "saved", gettext_lazy("Saved")
        LEFT_OUT = "left_out", gettext_lazy("Left out")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="incoming_pages"
    )
    batch = models.UUIDField(help_text=gettext_lazy("Shared by the pages of one upload."))
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(
        max_length=300, blank=True, help_text=gettext_lazy("The file's; empty if pasted.")
    )
    source = models.TextField()
    title = models.CharField(max_length=500)
    import_ref = models.CharField(max_length=250)
    address = models.CharField(
        max_length=500, blank=True, help_text=gettext_lazy("On the old site.")
    )
    typed = models.JSONField(
        default=dict, help_text=gettext_lazy("What was entered and is not stored yet.")
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    session = models.ForeignKey(Session, null=True, on_delete=models.SET_NULL, related_name="+")
    run = models.ForeignKey(ImportRun, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = gettext_lazy("page to import")
        verbose_name_plural = gettext_lazy("pages to import")
        ordering = ["created_at", "position", "pk"]
        indexes = [
            models.Index(fields=["owner", "state", "created_at"], name="incoming_page_queue_idx"),
            models.Index(fields=["batch"], name="incoming_page_batch_idx"),
        ]

    def __str__(self):
        return self.title
