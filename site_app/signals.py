"""Invalidates cached pages when a record of this app that they show changes."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from search_app.change_log import record_changes

from .models import OldAddress, SiteSettings


@receiver(post_save, sender=SiteSettings)
@receiver(post_delete, sender=SiteSettings)
def record_site_settings_change(instance, **kwargs):
    """Every page shows the name and texts."""
    record_changes("site_settings", [instance.pk])


@receiver(post_save, sender=OldAddress)
@receiver(post_delete, sender=OldAddress)
def record_old_address_change(instance, created=None, **kwargs):
    """Lists accept an old slug for its successor.

    Bulk statements in redirects/addresses.py call `record_changes` themselves.

    Requests for missing URLs are shown on no public page.
    """
    if instance.leads_to or created is False:
        record_changes("old_address", [instance.pk])
