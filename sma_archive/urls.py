"""All URLs of the archive; apps define their own."""

from django.contrib import admin
from django.urls import include, path, re_path

from . import sitemaps
from .server import health, well_known

handler400 = "sma_archive.server.bad_requests.handler400"
handler403 = "sma_archive.server.forbidden.handler403"
handler500 = "sma_archive.server.unavailable.handler500"

urlpatterns = [
    path("admin/desk/", include("desk_app.urls")),
    path("admin/", include("site_app.accounts.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("sma_archive.api")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("robots.txt", well_known.robots),
    path("favicon.ico", well_known.favicon),
    path("opensearch.xml", well_known.opensearch),
    path(".well-known/security.txt", well_known.security),
    path("sitemap.xml", sitemaps.index, name="sitemap-index"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap_section, name="sitemap"),
    # Portraits and logos: few, small and re-encoded; in production nginx serves them.
    re_path(r"^media/(?P<path>(?:portraits|logos)/.*)$", well_known.public_media),
    path("", include("site_app.urls")),
    path("", include("alerts_app.urls")),
    path("", include("recordings_app.urls")),
    path("", include("sessions_app.urls")),
]
