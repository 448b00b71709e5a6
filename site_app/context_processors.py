from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from .models import SiteSettings


class NavigationAddress(str):
    """An address that templates can compare paths with."""

    @property
    def length(self):
        return f":{len(self)}"


@cache
def navigation_links():
    """Return [(address, words)] of the sections; the same for every page of a process."""
    return tuple(
        (NavigationAddress(reverse(name)), words)
        for name, words in (
            ("sessions:list", _("Sessions")),
            ("sessions:recommendations", _("Recommendations")),
            ("sessions:speakers", _("Speakers")),
            ("sessions:organisations", _("Organisations")),
            ("sessions:topics", _("Topics")),
            ("sessions:series-list", _("Series")),
            ("sessions:regions", _("Regions")),
            ("sessions:insights", _("Insights")),
        )
    )


def site_context(request):
    """Give templates `site` (the current SiteSettings), `is_demo`, navigation; settings are read on use.

    `search_observation` shows whether search results of the page are out of date. `report_path` is the page
    named in a problem report, if that is not its URL.
    """
    return {
        "site": SimpleLazyObject(SiteSettings.load),
        "site_url": settings.SITE_URL,
        "search_observation": getattr(request, "search_observation", None),
        "report_path": getattr(request, "report_path", ""),
        "is_demo": settings.DEMO,
        "navigation": navigation_links(),
    }
