from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from site_app.text.email_addresses import StoredAddressField


class Commenting(models.TextChoices):
    """Whether readers may comment, and whether what they wrote is shown."""

    OPEN = "open", gettext_lazy("Open: readers may comment")
    CLOSED = "closed", gettext_lazy("Closed: comments are shown, new ones are not taken")
    OFF = "off", gettext_lazy("Off: none are shown")


class SiteSettings(models.Model):
    """Settings of the whole site by staff; an empty field means the environment's value."""

    name = models.CharField(
        max_length=200,
        blank=True,
        help_text=gettext_lazy("The archive's name, on top of every page."),
    )
    tagline = models.CharField(
        max_length=300,
        blank=True,
        help_text=gettext_lazy("One sentence below the name on the front page."),
    )
    contact_email = models.EmailField(
        blank=True,
        help_text=gettext_lazy("Where requests and contact messages go; shown to readers."),
    )
    about = models.TextField(
        blank=True,
        help_text=gettext_lazy(
            "The text of the “About” page: what the archive contains, who runs it."
        ),
    )
    owner = models.CharField(
        max_length=300,
        blank=True,
        help_text=gettext_lazy(
            "Who runs the archive, with a postal address if there is one; on the “About” page."
        ),
    )
    rights = models.TextField(
        blank=True,
        help_text=gettext_lazy(
            "Who owns the rights in sessions, documents and recordings, and how others may "
            "use them; on the “About” page, beside the licence."
        ),
    )
    privacy = models.TextField(
        blank=True,
        help_text=gettext_lazy(
            "What the law asks you to say about personal data, such as who is responsible; "
            "on the “About” page, above what this site keeps and for how long."
        ),
    )
    accessibility = models.TextField(
        blank=True,
        help_text=gettext_lazy(
            "What of your documents and recordings is not accessible, and since when you "
            "know; on the “About” page, below the statement about this site."
        ),
    )
    recording_terms = models.TextField(
        blank=True,
        help_text=gettext_lazy("Terms of use a reader accepts when requesting a recording."),
    )
    licence = models.CharField(
        max_length=300,
        blank=True,
        help_text=gettext_lazy(
            "On which terms others may use what the archive says, such as “CC BY 4.0, "
            "https://creativecommons.org/licenses/by/4.0/”. Appears in spreadsheets and in "
            "what libraries harvest."
        ),
    )
    commenting = models.CharField(
        gettext_lazy("comments of readers"),
        max_length=6,
        choices=Commenting,
        default=Commenting.OPEN,
        help_text=gettext_lazy(
            "For the whole site. A session of its own can allow less, never more."
        ),
    )

    class Meta:
        verbose_name = gettext_lazy("site settings")
        verbose_name_plural = gettext_lazy("site settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="site_settings_single_row"),
        ]

    has_own_terms = False  # terms of recordings written by staff, which have no translation

    def __str__(self):
        return gettext("Site settings")

    @classmethod
    def load(cls):
        """Return the effective settings: staff's values take precedence over the environment.

        Read from the database each time: several processes must agree at once, and one
        primary-key look-up is cheaper than an invalidation protocol.
        """
        stored = cls.objects.filter(pk=1).first() or cls(pk=1)
        stored.name = stored.name or settings.SITE_NAME
        stored.contact_email = stored.contact_email or settings.ARCHIVE_CONTACT_EMAIL
        stored.has_own_terms = bool(stored.recording_terms)
        stored.recording_terms = stored.recording_terms or str(DEFAULT_RECORDING_TERMS)
        return stored


DEFAULT_RECORDING_TERMS = gettext_lazy(
    "The recording is for your own work. Do not copy it, pass it on or publish it, "
    "and ask before you quote a speaker by name."
)


class FormAttempt(models.Model):
    """One sent public form, counted for an hour under a keyed hash."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="form_attempt_key_at")]


class MailMessage(models.Model):
    """A message to be sent: its kind and the ids it is about, never a token or rendered text."""

    class State(models.TextChoices):
        QUEUED = "queued", gettext_lazy("Waiting")
        SENDING = "sending", gettext_lazy("Being sent")
        SENT = "sent", gettext_lazy("Sent")
        FAILED = "failed", gettext_lazy("Given up")
        BOUNCED = "bounced", gettext_lazy("Came back")

    FINISHED = (State.SENT, State.FAILED, State.BOUNCED)

    kind = models.CharField(max_length=60)
    about = models.JSONField(
        default=dict, help_text=gettext_lazy("Ids of the records it is about.")
    )
    recipient = StoredAddressField()
    language = models.CharField(max_length=10, default=settings.LANGUAGE_CODE)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="mail_due_idx")]

    def __str__(self):
        return gettext("%(kind)s to %(recipient)s") % {
            "kind": self.kind,
            "recipient": self.recipient,
        }


class MailText(models.Model):
    """Staff's text of a mail; without a row the built-in text is sent."""

    kind = models.CharField(max_length=60, primary_key=True)
    subject = models.CharField(max_length=200)
    body = models.TextField(gettext_lazy("text"), max_length=10_000)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["kind"]
        verbose_name = gettext_lazy("text of a mail")
        verbose_name_plural = gettext_lazy("texts of mails")

    def __str__(self):
        return self.kind


class ContactMessage(models.Model):
    """A message from a reader through the contact form."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("message", "Open")
        DONE = "done", pgettext_lazy("message", "Done")

    name = models.CharField(max_length=200)
    email = StoredAddressField()
    about = models.CharField(
        gettext_lazy("page"),
        max_length=1000,
        blank=True,
        help_text=gettext_lazy("The page it is about, if any."),
    )
    message = models.TextField()
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    staff_note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return gettext("%(name)s: %(message)s") % {"name": self.name, "message": self.message[:60]}


class OldAddress(models.Model):
    """A former address of a page, and its target; the target is empty if it was only requested."""

    class Origin(models.TextChoices):
        RENAMED = "renamed", gettext_lazy("Renamed or merged here")
        OLD_SITE = "old site", gettext_lazy("Import from the old site")
        ASKED = "asked", gettext_lazy("Asked for by readers")
        STAFF = "staff", gettext_lazy("Entered by staff")

    path = models.CharField(
        gettext_lazy("old address"),
        max_length=700,
        unique=True,
        help_text=gettext_lazy(
            "Such as /2019/11/a-partnership/ or /?p=123: without host, “/social” and "
            "capitals; with a closing slash unless a file."
        ),
    )
    leads_to = models.CharField(
        max_length=700,
        blank=True,
        help_text=gettext_lazy(
            "A page of this site, such as /sessions/a-partnership/. Readers and search "
            "engines are sent there for good. Until that page is public the old address is not found."
        ),
    )
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.RENAMED)
    times_asked = models.PositiveIntegerField(default=0, editable=False)
    last_asked_on = models.DateField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = gettext_lazy("old addresses")
        ordering = ["path"]
        indexes = [
            models.Index(fields=["leads_to"], name="old_address_leads_to"),
            models.Index(fields=["-times_asked", "path"], name="old_address_most_asked"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(path=models.F("leads_to")), name="old_address_no_circle"
            )
        ]

    def __str__(self):
        return self.path


class JobState(models.Model):
    """The state of a job of the tick, on whichever machine it ran last."""

    name = models.CharField(max_length=80, primary_key=True)
    keeps_people_waiting = models.BooleanField(
        help_text=gettext_lazy(
            "People wait for what it does; when it is late, the site is not ready."
        )
    )
    started_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0, help_text=gettext_lazy("How long it last took."))
    next_at = models.DateTimeField(null=True, help_text=gettext_lazy("When it is due again."))
    late_at = models.DateTimeField(help_text=gettext_lazy("From when on it counts as late."))
    last_error = models.CharField(max_length=300, blank=True)
    held_by = models.CharField(max_length=100, blank=True, help_text="The process that does it.")
    held_until = models.DateTimeField(null=True)

    HELD = timedelta(minutes=1)  # a lock of a process that died expires after this time

    class Meta:
        ordering = ["late_at"]
        default_permissions = ()

    def __str__(self):
        return self.name

    @property
    def is_held(self):
        """Whether a process is running it now. A lease from a wrong clock does not count."""
        now = timezone.now()
        return self.held_until is not None and now < self.held_until < now + 2 * self.HELD


class ClockReading(models.Model):
    """The clock of one machine as its tick last read it, and whether to trust it.

    `uptime` is in seconds since the machine started, which no setting of the clock changes.
    """

    machine = models.CharField(max_length=100, unique=True)
    read_at = models.DateTimeField()
    trusted_at = models.DateTimeField(help_text="The last reading that was trusted.")
    highest_trusted_at = models.DateTimeField()
    doubted_since = models.DateTimeField(null=True)
    doubted_since_uptime = models.FloatField(null=True)
    boot = models.CharField(max_length=40, blank=True, help_text="In which run of the machine.")
    first_look_at = models.DateTimeField(
        null=True, help_text="What was due then may be deleted when a look a day later agrees."
    )
    next_look_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"{self.machine} at {self.read_at}"
