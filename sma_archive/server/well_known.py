"""Small files at standard URLs."""

import mimetypes
from datetime import timedelta

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from site_app.models import SiteSettings

MEDIA_TYPES = ("image/webp", "image/png", "image/jpeg")
# Personal pages, and the unlimited combinations of filters, each of which is a search.
NOT_CRAWLED = (
    *("/admin/", "/requests/", "/recordings/", "/alerts/", "/request-recordings/", "/suggest/"),
    *("/*/facets/", "/*/export.", "/sessions/*/comment/"),
    *("/compare/?", "/pack/?", "/pack/document.", "/pack/references.", "/pack/items."),
    *(f"/*?*{name}=" for name in ("topic", "region", "series", "speaker", "organisation")),
    *("/*?*year=", "/*?*has="),
)


def robots(request):
    """Let crawlers read all pages, but not walk through every combination of filters.

    Source: RFC 9309.
    """
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in NOT_CRAWLED),
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap-index')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def security(request):
    """Source: RFC 9116. Expires is a future date that changes daily."""
    expires = timezone.localdate() + timedelta(days=180)
    text = (
        f"Contact: mailto:{SiteSettings.load().contact_email}\n"
        f"Contact: {settings.SITE_URL}{reverse('site:contact')}\n"
        f"Expires: {expires:%Y-%m-%d}T00:00:00Z\n"
        "Preferred-Languages: en\n"
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt\n"
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def favicon(request):
    return redirect(staticfiles_storage.url("img/favicon.ico"))


def opensearch(request):
    """Let browsers offer the archive as a search engine. Source: OpenSearch 1.1."""
    text = render_to_string(
        "opensearch.xml", {"site": SiteSettings.load(), "site_url": settings.SITE_URL}
    )
    return HttpResponse(text, content_type="application/opensearchdescription+xml")


def public_media(request, path):
    """Give out a portrait or logo; a file's name changes with its content."""
    media_type = mimetypes.guess_type(path)[0] or ""
    if media_type not in MEDIA_TYPES:
        raise Http404("There is no image at this address.")
    try:
        image = storages["default"].open(path)
    except (OSError, ValueError) as error:  # no such file, or not a valid file name
        raise Http404("There is no image at this address.") from error
    response = FileResponse(image, content_type=media_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
