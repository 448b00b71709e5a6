import logging

import pytest
from django.contrib.auth.models import Group

from sma_archive.log_masking import MaskTokens
from tests.factories import SessionFactory

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
def test_files_that_standards_fix(client, path, media_type, part):
    response = client.get(path)

    assert response.status_code == 200
    assert response["Content-Type"].startswith(media_type)
    assert part in response.content.decode()


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("/requests/12-abcdef/", "/requests/***/"),
        ("/requests/confirm/12-abc/", "/requests/confirm/***/"),
        ("/requests/received/IlItMjI:x:y/", "/requests/received/***/"),
        ("/recordings/5-ff/audio", "/recordings/***/audio"),
        ("/alerts/5-ff/", "/alerts/***/"),
        ("/alerts/new/?q=x", "/alerts/new/?q=x"),
        ("/sessions/x/recordings/", "/sessions/x/recordings/"),
    ],
)
def test_tokens_are_masked_in_logs(path, masked):
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", (path,), None)

    MaskTokens().filter(record)

    assert record.getMessage() == f"Not Found: {masked}"


def test_three_groups_exist_with_least_privilege():
    allowed = {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }

    assert set(allowed) == {"Editors", "Publishers", "Access officers"}
    assert "publish_session" in allowed["Publishers"] - allowed["Editors"]
    assert "view_recordingrequest" in allowed["Access officers"]
    for group in ("Editors", "Publishers"):
        assert not {name for name in allowed[group] if "request" in name or "user" in name}
    assert "change_session" not in allowed["Access officers"]


def test_pages_are_kept_until_something_changes(client, django_assert_num_queries):
    SessionFactory(title="First", slug="first")
    first = client.get("/sessions/first/")

    with django_assert_num_queries(1):
        again = client.get("/sessions/first/")
    assert again.content == first.content
    assert (
        client.get("/sessions/first/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    )

    SessionFactory(title="Second", slug="second")
    assert "Second" in client.get("/").content.decode()


def test_pages_for_staff_are_not_kept(admin_client, client):
    SessionFactory(slug="draft", status="draft", published_at=None)

    assert admin_client.get("/sessions/draft/").status_code == 200
    assert client.get("/sessions/draft/").status_code == 404


def test_policy_forbids_everything_inline(client):
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
