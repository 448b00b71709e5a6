"""The sitemap: every public page with the time of its last change."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import InvalidPage
from django.db.models import Max
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import http_date

from sessions_app.catalogue.authorities import AUTHORITIES, public_entries
from sessions_app.insights.definitions import INSIGHTS
from sessions_app.models import Recommendation, Session


class ArchiveSitemap(Sitemap):
    """URLs based on SITE_URL, whatever host was requested."""

    limit = 5000  # URLs per file; the standard allows 50,000, but a page should take less than 1 s

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol=None):
        return urlsplit(settings.SITE_URL).scheme

    def get_latest_lastmod(self):
        """Ask the database; Django's own would read every record."""
        return


class PagesSitemap(ArchiveSitemap):
    def items(self):
        names = [
            "sessions:home",
            "sessions:list",
            "sessions:recommendations",
            *(f"sessions:{name}" for name in ("speakers", "organisations", "topics")),
            *(f"sessions:{name}" for name in ("series-list", "regions")),
            "site:about",
            "site:contact",
            "sessions:search-help",
            "sessions:insights",
        ]
        return [*map(reverse, names), *(insight.url for insight in INSIGHTS.values())]

    def location(self, item):
        return item


class SessionsSitemap(ArchiveSitemap):
    def items(self):
        return Session.objects.published().order_by("pk").only("slug", "updated_at")

    def lastmod(self, item):
        return item.updated_at

    def get_latest_lastmod(self):
        return Session.objects.published().aggregate(newest=Max("updated_at"))["newest"]


class RecommendationsSitemap(ArchiveSitemap):
    def items(self):
        advice = Recommendation.objects.published().select_related("session").order_by("pk")
        return advice.only("number", "session__slug", "session__updated_at")

    def lastmod(self, item):
        return item.session.updated_at

    def get_latest_lastmod(self):
        advice = Recommendation.objects.published()
        return advice.aggregate(newest=Max("session__updated_at"))["newest"]


class EntrySitemap(ArchiveSitemap):
    def __init__(self, kind):
        self.kind = kind

    def items(self):
        return public_entries(self.kind.model).order_by("pk").only("slug")


SITEMAPS = {
    "pages": PagesSitemap(),
    "sessions": SessionsSitemap(),
    "recommendations": RecommendationsSitemap(),
    **{kind.prefix.strip("/"): EntrySitemap(kind) for kind in AUTHORITIES.values()},
}


def index(request):
    """List the files of all sections; a section of many pages has several."""
    files = []
    for section, sitemap in SITEMAPS.items():
        address = f"{settings.SITE_URL}{reverse('sitemap', args=[section])}"
        newest = sitemap.get_latest_lastmod()
        files += [
            {"location": address if page == 1 else f"{address}?p={page}", "last_mod": newest}
            for page in sitemap.paginator.page_range
        ]
    return TemplateResponse(
        request, "sitemap_index.xml", {"sitemaps": files}, content_type="application/xml"
    )


def sitemap_section(request, section):
    """Answer one file: `?p=` is its number within the section."""
    sitemap = SITEMAPS.get(section)
    if sitemap is None:
        raise Http404("There is no sitemap at this address.")
    try:
        context = {"urlset": sitemap.get_urls(page=request.GET.get("p", "1")[:9])}
    except InvalidPage as error:
        raise Http404("The sitemap has no such page.") from error
    response = TemplateResponse(request, "sitemap.xml", context, content_type="application/xml")
    if newest := sitemap.get_latest_lastmod():
        response["Last-Modified"] = http_date(newest.timestamp())
    return response
