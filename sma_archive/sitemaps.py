"""What search engines are told of: every public page, and when it changed."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from sessions_app.entries import KINDS, public
from sessions_app.models import Recommendation, Session


class PageSitemap(Sitemap):
    def items(self):
        return [
            "sessions:home", "sessions:list", "sessions:recommendations", "sessions:speakers",
            "sessions:organisations", "sessions:topics", "sessions:series-list", "sessions:regions",
            "site:about", "site:contact", "sessions:search-help",
        ]  # fmt: skip

    def location(self, item):
        return reverse(item)


class SessionSitemap(Sitemap):
    limit = 5000

    def items(self):
        return Session.objects.published().order_by("pk").only("slug", "updated_at")

    def lastmod(self, session):
        return session.updated_at


class RecommendationSitemap(Sitemap):
    limit = 5000

    def items(self):
        found = Recommendation.objects.published().select_related("session").order_by("pk")
        return found.only("number", "session__slug", "session__updated_at")

    def lastmod(self, recommendation):
        return recommendation.session.updated_at


class EntrySitemap(Sitemap):
    limit = 5000

    def __init__(self, kind):
        self.kind = kind

    def items(self):
        return public(self.kind.model).only("slug").order_by("pk")


SITEMAPS = {
    "pages": PageSitemap,
    "sessions": SessionSitemap,
    "recommendations": RecommendationSitemap,
    **{parameter: EntrySitemap(kind) for parameter, kind in KINDS.items()},
}
