"""The session: what was said, by whom, when."""

import uuid
from collections.abc import Iterable
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from search_app.models import IndexedModel
from sessions_app.time_zones import today_in_time_zone
from site_app.accounts.user_reference import nullable_user_foreign_key
from site_app.models import Commenting
from site_app.redirects.slugged_model import SluggedModel
from site_app.text.rich_text import plain_text, sanitise
from site_app.text.slugs import MAX_SLUG_LENGTH

from ..querysets import BinnedSessionManager, SessionQuerySet
from .entry_times import EntryTimeField, SequenceField, ShownInEntries
from .taxonomy import Region, Series, Topic


def validate_time_zone(name):
    if name not in available_timezones():
        raise ValidationError(
            gettext("“%(name)s” is not a time zone; write one such as America/New_York.")
            % {"name": name}
        )


# Public sessions whose publication has not been recorded. A public session that got a later
# publication time is included, because recording it updates `updated_at`.
UNRECORDED_PUBLICATION_CONDITION = models.Q(first_public_at=None) | models.Q(
    updated_at__lt=models.F("published_at")
)


_SCHEDULE_FIELDS = ("held_on", "ends_on", "start_time", "time_zone")

# The harvesting order: stable under all changes, with newly public sessions last. Until the tick
# has recorded the publication, `published_at` is used instead.
FIRST_PUBLIC_TIME = Coalesce("first_public_at", "published_at")


class Session(ShownInEntries, IndexedModel, SluggedModel):
    url_name = "sessions:detail"
    # Feed entries also show speakers and topics, which the change signals handle.
    entry_fields = {
        "entry_changed_at": ("title", "slug", "summary_text", "status", "published_at"),
        "calendar_changed_at": ("title", "slug", "summary_text", *_SCHEDULE_FIELDS),
        "calendar_sequence": _SCHEDULE_FIELDS,
        "advice and comments": ("title", "slug"),
    }

    class Status(models.TextChoices):
        DRAFT = "draft", gettext_lazy("Draft")
        IN_REVIEW = "in_review", gettext_lazy("In review")
        PUBLISHED = "published", gettext_lazy("Published")
        WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
        BINNED = "binned", gettext_lazy("In the bin")

    # The identifier in feeds and calendars, independent of the session's URL and the site's.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=500)
    held_on = models.DateField(
        gettext_lazy("held on"),
        null=True,
        blank=True,
        db_index=True,
        help_text=gettext_lazy(
            "Local date of the session; of its first day if it took several. Empty if unknown."
        ),
    )
    ends_on = models.DateField(
        gettext_lazy("last day"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Only for a session over more than one day."),
    )
    start_time = models.TimeField(
        null=True, blank=True, help_text=gettext_lazy("Local time, for sessions still to come.")
    )
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        validators=[validate_time_zone],
        help_text=gettext_lazy("Needed with a start time, such as America/New_York."),
    )
    series = models.ForeignKey(
        Series, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions"
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="sessions")
    regions = models.ManyToManyField(Region, blank=True, related_name="sessions")
    summary = models.TextField(
        blank=True,
        help_text=gettext_lazy("Public: the written preview or summary of the session."),
    )
    summary_text = models.TextField(editable=False, blank=True)
    language = models.CharField(
        max_length=35,
        default="en",
        help_text=gettext_lazy("Language tag (BCP 47): en, fr, pt-BR."),
    )
    # Written only by recordings_app/availability.py: whether readers may play or request a
    # recording now, and whether they may read a transcript.
    has_recording = models.BooleanField(default=False, editable=False)
    has_transcript = models.BooleanField(default=False, editable=False)
    recording_contact_email = models.EmailField(
        blank=True,
        help_text=gettext_lazy(
            "Public: who answers for this session's recording. "
            "Empty means the archive's own address."
        ),
    )
    commenting = models.CharField(
        gettext_lazy("comments of readers"),
        max_length=6,
        choices=Commenting,
        default=Commenting.OPEN,
        help_text=gettext_lazy(
            "If the site settings close comments for the whole site, they are closed here too."
        ),
    )
    internal_note = models.TextField(
        blank=True, help_text=gettext_lazy("For staff only, never shown.")
    )

    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT, db_index=True)
    published_at = models.DateTimeField(
        null=True,
        blank=True,
        db_index=True,
        help_text=gettext_lazy(
            "When a published session becomes public; may be in the future. "
            "If it is empty when the session is published: now."
        ),
    )
    first_public_at = models.DateTimeField(null=True, editable=False)
    reviewer = nullable_user_foreign_key(
        blank=True,
        editable=False,
        help_text=gettext_lazy("Who was asked to review it; nobody means any publisher."),
    )
    # Deletion moves a session to the bin. As this is a status, every query for another status
    # excludes it.
    binned_at = models.DateTimeField(null=True, editable=False)
    binned_by = nullable_user_foreign_key(editable=False)
    status_before_bin = models.CharField(
        max_length=12, choices=Status, blank=True, default="", editable=False
    )

    import_ref = models.CharField(max_length=250, null=True, unique=True, editable=False)  # noqa: DJ001 - unique where present
    source_url = models.URLField(
        max_length=500, blank=True, help_text=gettext_lazy("Where the record was taken from.")
    )
    import_remains = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="What the import did not understand and nobody has settled: a list of {kind, text}.",
    )
    settled_remains = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="What somebody, or an attached file, settled of it; see sessions_app.editing.import_remains.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    # When something shown in feeds, or in calendars, last changed: programs then show the entry
    # again.
    entry_changed_at = EntryTimeField()
    calendar_changed_at = EntryTimeField()
    calendar_sequence = SequenceField(
        help_text=gettext_lazy("How often the time of the event was changed.")
    )
    created_by = nullable_user_foreign_key(editable=False)
    changed_by = nullable_user_foreign_key(editable=False)
    # Numbers are never reused, so that a cited URL never changes its meaning.
    last_recommendation_number = models.PositiveIntegerField(default=0, editable=False)
    last_document_number = models.PositiveIntegerField(default=0, editable=False)
    last_recording_number = models.PositiveIntegerField(default=0, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = [models.F("held_on").desc(nulls_last=True), "slug"]
        indexes = [
            models.Index(fields=["status", "published_at"], name="session_public_idx"),
            models.Index(fields=["status", "held_on", "slug"], name="session_newest_idx"),
            models.Index(
                fields=["ends_on"],
                condition=models.Q(ends_on__isnull=False),
                name="session_last_day_idx",
            ),
            # Queried every two seconds, to find sessions whose publication time has come.
            models.Index(
                fields=["status", "published_at"],
                condition=UNRECORDED_PUBLICATION_CONDITION,
                name="session_to_publish_idx",
            ),
            # The few sessions whose publication time is later than their last change.
            models.Index(
                fields=["status", "published_at"],
                condition=models.Q(updated_at__lt=models.F("published_at")),
                name="session_due_idx",
            ),
            models.Index(FIRST_PUBLIC_TIME, "uid", name="session_harvest_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="session_title_not_empty"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("held_on")),
                name="session_ends_after_it_starts",
                violation_error_message=gettext_lazy("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(held_on__isnull=False),
                name="session_last_day_needs_first",
                violation_error_message=gettext_lazy("A last day needs a first day."),
            ),
            models.CheckConstraint(
                condition=models.Q(start_time=None)
                | (models.Q(held_on__isnull=False) & ~models.Q(time_zone="")),
                name="session_start_time_needs_date_and_zone",
                violation_error_message=gettext_lazy("A start time needs a date and a time zone."),
            ),
            models.CheckConstraint(
                condition=~models.Q(status="published") | models.Q(published_at__isnull=False),
                name="session_published_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status="binned", binned_at__isnull=False, status_before_bin__gt=""
                )
                | (~models.Q(status="binned") & models.Q(binned_at=None, status_before_bin="")),
                name="session_in_bin_knows_since_when",
            ),
        ]
        permissions = [("publish_session", "Can publish and withdraw sessions")]

    def __str__(self):
        return self.title

    @property
    def slug_source(self):
        return self.title

    @property
    def has_public_address(self):
        return self.first_public_at is not None

    @property
    def is_public(self):
        """The rule of `SessionQuerySet.published()` for one record in hand."""
        return (
            self.status == self.Status.PUBLISHED
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    @property
    def is_upcoming(self):
        """The rule of `SessionQuerySet.upcoming()` for one record in hand."""
        last_day = self.ends_on or self.held_on
        return last_day is not None and last_day >= today_in_time_zone(self.time_zone)

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._stored_status = instance.__dict__.get("status")
        return instance

    _stored_status: str | None = Status.DRAFT  # None if the status was not loaded

    def save(self, *args, **kwargs):
        self.prepare()
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            StatusChange.log([self])

    def prepare(self):
        """Bring derived fields in line; bulk statements, which bypass save(), call it themselves."""
        now = timezone.now()
        self.summary = sanitise(self.summary)
        self.summary_text = plain_text(self.summary)
        self.updated_at = now
        if self.status == self.Status.PUBLISHED:
            self.published_at = self.published_at or now
        was_or_is_published = self.Status.PUBLISHED in (self.status, self._stored_status)
        if was_or_is_published and self.published_at and self.published_at <= now:
            self.first_public_at = self.first_public_at or self.published_at
        self.update_changed_entry_times()


class StatusChange(models.Model):
    """A step such as draft → in review, with who and when; `by` is None for the archive itself."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="status_changes")
    was = models.CharField(max_length=12, choices=Session.Status)
    status = models.CharField(max_length=12, choices=Session.Status)
    at = models.DateTimeField(default=timezone.now)
    by = nullable_user_foreign_key()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.get_was_display()} → {self.get_status_display()}"

    @classmethod
    def log(cls, sessions: Iterable[Session]) -> None:
        """Log who (`changed_by`) changed the status of `sessions`; bulk statements call it.

        One statement, none if no status differs from the one that was loaded.
        """
        changed = [s for s in sessions if s._stored_status not in (None, s.status)]
        cls.objects.bulk_create(
            cls(session=s, was=s._stored_status, status=s.status, by_id=s.changed_by_id)
            for s in changed
        )
        for session in changed:
            session._stored_status = session.status


class FormerImportRef(models.Model):
    """The import reference of a session that was merged into another: an import finds that one."""

    ref = models.CharField(max_length=250, unique=True)
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="former_import_refs"
    )

    class Meta:
        ordering = ["ref"]

    def __str__(self):
        return self.ref


class Tombstone(models.Model):
    """The URL of a permanently deleted session that was public: it answers 410."""

    slug = models.SlugField(max_length=MAX_SLUG_LENGTH, unique=True)
    first_public_at = models.DateTimeField()
    deleted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["slug"]

    def __str__(self):
        return self.slug


class BinnedSession(Session):
    """A session in the bin, for the admin."""

    objects = BinnedSessionManager()

    class Meta:
        proxy = True
        verbose_name = gettext_lazy("session in the bin")
        verbose_name_plural = gettext_lazy("sessions in the bin")
        ordering = ["-binned_at", "-pk"]
        default_permissions = ("view", "delete")
