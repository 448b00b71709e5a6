from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from .models import SiteSettings


class NavigationAddress(str):
    """An address that templates can compare paths with."""

    @property
    def length(self):
        return f":{len(self)}"


@cache
def navigation():
    """Return [(address, words)] of the sections; the same for every page of a process."""
    return tuple(
        (NavigationAddress(reverse(name)), words)
        for name, words in (
            ("sessions:list", "Sessions"),
            ("sessions:recommendations", "Recommendations"),
            ("sessions:speakers", "Speakers"),
            ("sessions:organisations", "Organisations"),
            ("sessions:topics", "Topics"),
            ("sessions:series-list", "Series"),
            ("sessions:regions", "Regions"),
            ("sessions:insights", "Insights"),
        )
    )


def site_settings(request):
    """Give templates `site` (SiteSettings in force), `is_demo`, navigation; settings read on use.

    `search_observation` tells whether what the page asked of the search lags. `report_path` is what a problem report calls the page, where that is not its address.
    """
    return {
        "site": SimpleLazyObject(SiteSettings.load),
        "site_url": settings.SITE_URL,
        "search_observation": getattr(request, "search_observation", None),
        "report_path": getattr(request, "report_path", ""),
        "is_demo": settings.DEMO,
        "navigation": navigation(),
    }
