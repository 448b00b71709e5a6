import pytest
from django.core.cache import cache
from django.views.generic import TemplateView

from search_app.index.index_manager import IndexManager
from site_app.redirects.addresses import store_old_site_redirects
from sma_archive.cache import page_cache
from sma_archive.cache.page_store import PageStore
from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


def test_pages_are_cached_until_something_changes(client, django_assert_num_queries):
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


def test_cached_response_has_every_header_of_the_first(client):
    SessionFactory(slug="first")

    first, kept = (client.get("/sessions/first/cite.bib") for _ in range(2))

    assert first["Content-Disposition"] == 'attachment; filename="first.bib"'
    assert dict(kept.items()) == dict(first.items())


def test_pages_for_staff_are_not_cached(admin_client, client):
    SessionFactory(slug="draft", status="draft", published_at=None)

    assert admin_client.get("/sessions/draft/").status_code == 200
    assert client.get("/sessions/draft/").status_code == 404


def test_responses_to_unknown_parameters_are_not_cached(client):
    SessionFactory(slug="first")

    client.get("/api/v1/sessions/?page=1")
    kept = len(page_cache.cached_pages)
    answers = [client.get(f"/api/v1/sessions/?page=1&z={number}") for number in range(20)]
    client.get("/sessions/first/?utm_source=x")

    assert {answer.status_code for answer in answers} == {200}
    assert (kept, len(page_cache.cached_pages)) == (1, 1)


@pytest.mark.slow
def test_cache_size_is_limited_for_any_number_of_urls(client, monkeypatch):
    SessionFactory()
    store = PageStore(200_000, 60)
    monkeypatch.setattr(page_cache, "cached_pages", store)

    for number in range(100):
        client.get(f"/sessions/?q=word{number}*")
        client.get(f"/suggest/?q=word{number}")

    assert 0 < store.bytes <= 200_000


@pytest.mark.slow
def test_cached_pages_do_not_evict_flood_counters(client):
    cache.set("counter", 7)

    for number in range(400):
        client.get(f"/suggest/?q=word{number}")

    assert cache.get("counter") == 7


def test_results_from_an_outdated_index_are_not_cached(client, monkeypatch):
    SessionFactory(slug="first")
    current = IndexManager.current_snapshot
    monkeypatch.setattr(IndexManager, "current_snapshot", lambda *args: (current(*args)[0], True))

    for address in (
        "/sessions/",
        "/api/v1/sessions/",
        "/sessions/feed.rss",
        "/suggest/?q=ri",
        "/topics/",
        "/recommendations/",
        "/help/search/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert (answer["X-Index-Lag"], answer["Cache-Control"]) == ("1", "no-store"), address
        assert not answer.has_header("ETag"), address
        tagged = client.get(address, headers={"If-None-Match": "*"})
        assert tagged.status_code == 200, address
    assert client.get("/api/v1/sessions/").json()["stale"] is True
    assert "taking in many changes" in client.get("/sessions/feed.atom").content.decode()
    assert len(page_cache.cached_pages) == 0

    monkeypatch.setattr(IndexManager, "current_snapshot", current)
    answer = client.get("/api/v1/sessions/")
    assert answer.has_header("ETag")
    assert not answer.has_header("X-Index-Lag")
    assert "stale" not in answer.json()


def test_response_computed_during_a_change_is_not_cached(client, monkeypatch):
    SessionFactory(slug="first", title="First")
    published = TemplateView.get

    def change_meanwhile(view, request, *args, **kwargs):
        response = published(view, request, *args, **kwargs)
        response.render()
        SessionFactory(title="Second")
        return response

    monkeypatch.setattr(TemplateView, "get", change_meanwhile)
    client.get("/")
    monkeypatch.setattr(TemplateView, "get", published)

    assert "Second" in client.get("/").content.decode()


def test_cached_response_has_the_requested_format(client):
    in_json = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    in_yaml = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi"})
    again = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})

    assert in_json["Content-Type"].startswith("application/vnd.oai.openapi+json")
    assert in_yaml["Content-Type"].startswith("application/vnd.oai.openapi;")
    assert again.content == in_json.content
    assert {"Accept", "Cookie"} <= set(in_json["Vary"].replace(" ", "").split(","))


def test_new_redirect_applies_at_once(client):
    SessionFactory(slug="first")
    assert client.get("/?p=987654").status_code == 200

    store_old_site_redirects({"/?p=987654": "/sessions/first/"})

    assert client.get("/?p=987654").status_code == 301
