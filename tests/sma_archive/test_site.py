import logging

import pytest
from django.contrib.auth.models import Group

from search_app import room
from sma_archive import tick
from sma_archive.log_masking import MaskTokens
from tests.factories import RecommendationFactory, SessionFactory

pytestmark = pytest.mark.django_db


def test_healthz(client):
    assert client.get("/healthz").content == b"ok\n"


def test_readyz_names_every_check(client):
    room.rebuild("session")

    response = client.get("/readyz")

    assert response.json() == {
        "ready": True,
        "checks": {"database": "ok", "index": "ok", "storage": "ok", "queue": "ok"},
    }


def test_readyz_without_index_is_503(client, monkeypatch):
    monkeypatch.setattr("sma_archive.health.status", lambda: {"ready": False})

    response = client.get("/readyz")

    assert (response.status_code, response.json()["checks"]["index"]) == (503, "no index yet")


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


def test_sitemap_lists_sessions_and_recommendations(client):
    recommendation = RecommendationFactory(session__slug="x")

    assert "/sessions/x/" in client.get("/sitemap-sessions.xml").content.decode()
    listed = client.get("/sitemap-recommendations.xml").content.decode()
    assert recommendation.get_absolute_url() in listed


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


def test_tick_runs_every_job_though_one_fails(monkeypatch):
    session = SessionFactory(first_public_at=None)
    type(session).objects.update(first_public_at=None)

    def fail():
        raise OSError("disk full")

    monkeypatch.setitem(tick.JOBS, "send mail", fail)

    done = tick.run()

    assert isinstance(done["send mail"], OSError)
    assert done["publish scheduled sessions"] == 1
    session.refresh_from_db()
    assert session.first_public_at is not None


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
