from django.conf import settings
from django.utils.functional import SimpleLazyObject

from .models import SiteSettings


def site_settings(request):
    """Give templates `site` (SiteSettings in force) and `is_demo`; nothing is read until used."""
    return {
        "site": SimpleLazyObject(SiteSettings.load),
        "site_url": settings.SITE_URL,
        "is_demo": settings.DEMO,
    }
