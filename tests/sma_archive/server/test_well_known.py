from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from site_app.models import SiteSettings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "media_type", "part"),
    [
        ("/robots.txt", "text/plain", "Sitemap: http"),
        ("/.well-known/security.txt", "text/plain", "Contact: mailto:"),
        ("/opensearch.xml", "application/opensearchdescription+xml", "{searchTerms}"),
        ("/sitemap.xml", "application/xml", "sitemap-sessions.xml"),
    ],
)
def test_well_known_files_exist(client, path, media_type, part):
    response = client.get(path)

    assert response.status_code == 200
    assert response["Content-Type"].startswith(media_type)
    assert part in response.content.decode()


def test_robots_txt_excludes_private_pages_and_filters(client, settings):
    settings.SITE_URL = "https://archive.example"

    lines = client.get("/robots.txt").content.decode().splitlines()

    assert lines[0] == "User-agent: *"
    for path in (
        "/admin/",
        "/requests/",
        "/recordings/",
        "/alerts/",
        "/*?*topic=",
        "/compare/?",
        "/pack/?",
    ):
        assert f"Disallow: {path}" in lines
    assert "Disallow: /" not in lines
    assert lines[-1] == "Sitemap: https://archive.example/sitemap.xml"


def test_security_txt_has_the_contact_and_expires_within_a_year(client):
    SiteSettings.objects.create(pk=1, contact_email="desk@archive.example")

    text = client.get("/.well-known/security.txt").content.decode()
    fields = dict(line.split(": ", 1) for line in reversed(text.splitlines()))

    assert fields["Contact"] == "mailto:desk@archive.example"
    expires = parse_datetime(fields["Expires"]) - timezone.now()
    assert timedelta(days=170) < expires < timedelta(days=365)


def test_favicon_has_its_usual_url(client):
    response = client.get("/favicon.ico")

    assert response.status_code == 302
    assert response["Location"].endswith("favicon.ico")


def test_csp_forbids_inline_code(client):
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
