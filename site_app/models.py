from django.conf import settings
from django.db import models


class SiteSettings(models.Model):
    """What staff set about the site as a whole; an empty field means the environment's value."""

    name = models.CharField(
        max_length=200, blank=True, help_text="The archive's name, on top of every page."
    )
    tagline = models.CharField(
        max_length=300, blank=True, help_text="One sentence below the name on the front page."
    )
    contact_email = models.EmailField(
        blank=True, help_text="Where requests and contact messages go; shown to readers."
    )
    about = models.TextField(
        blank=True, help_text="The text of the “About” page: what the archive holds, who runs it."
    )
    recording_terms = models.TextField(
        blank=True,
        help_text="Terms of use a reader accepts when requesting a recording.",
    )

    class Meta:
        verbose_name = "site settings"
        verbose_name_plural = "site settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="site_settings_single_row"),
        ]

    def __str__(self):
        return "Site settings"

    @classmethod
    def load(cls):
        """Return the settings in force: staff's values over those of the environment.

        Read from the database each time: several processes must agree at once, and one
        primary-key look-up is cheaper than an invalidation protocol.
        """
        stored = cls.objects.filter(pk=1).first() or cls(pk=1)
        stored.name = stored.name or settings.SITE_NAME
        stored.contact_email = stored.contact_email or settings.ARCHIVE_CONTACT_EMAIL
        stored.recording_terms = stored.recording_terms or DEFAULT_RECORDING_TERMS
        return stored


DEFAULT_RECORDING_TERMS = (
    "The recording is for your own work. You do not copy it, pass it on or publish it, "
    "and you ask before quoting a speaker by name."
)
