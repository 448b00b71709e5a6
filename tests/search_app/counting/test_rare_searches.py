"""Searches with few results are counted, and their text is stored only when they are repeated."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search_app.counting import delayed_counts, rare_searches
from search_app.counting.rare_searches import count_rare_search, purge_old_counts
from search_app.models import SearchCount
from tests.factories import SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


def named():
    return list(SearchCount.objects.exclude(text="").values_list("text", "count"))


def test_text_is_stored_the_third_time():
    for text in ("hypersonics", "Hypersonics"):
        count_rare_search(text, 0)
    assert named() == []
    assert "hypersonics" not in SearchCount.objects.get().digest

    count_rare_search(" hypersonics ", 1)

    assert named() == [("hypersonics", 3)]


@pytest.mark.parametrize("text", ["jane@example.org", "call 5551234", "file 123", "", "x" * 101])
def test_texts_that_may_contain_names_are_never_counted(text):
    for _ in range(4):
        count_rare_search(text, 0)

    assert not SearchCount.objects.exists()


def test_searches_with_many_results_are_not_counted():
    count_rare_search("rivers", 3)

    assert not SearchCount.objects.exists()


def test_pages_count_each_search_and_head_and_filters_do_not(client):
    SessionFactory(title="Rivers")
    for _ in range(3):
        client.get("/sessions/?q=hypersonics")
    client.head("/sessions/?q=hypersonics")
    client.get("/sessions/?q=hypersonics&year=2020")
    client.get("/sessions/")

    assert named() == [("hypersonics", 3)]


def test_hashes_and_texts_are_deleted():
    today = timezone.localdate()
    rows = (("a", "", 31), ("b", "", 29), ("c", "old", 366), ("d", "kept", 300))
    for digest, text, days in rows:
        SearchCount.objects.create(digest=digest, text=text, last_on=today - timedelta(days=days))

    assert purge_old_counts() == 2
    assert set(SearchCount.objects.values_list("digest", flat=True)) == {"b", "d"}


def test_publishers_can_add_a_search_text_as_synonym_or_name(client):
    for _ in range(3):
        count_rare_search("hyper sonics", 0)
    client.force_login(UserFactory(group="Publishers"))

    page = client.get("/admin/search_app/searchcount/").content.decode()

    for address in (
        "/admin/search_app/synonym/add/?term=hyper+sonics",
        "/admin/sessions_app/topicalias/add/?name=hyper+sonics",
        "/admin/speakers_app/speakeralias/add/?name=hyper+sonics",
        "/admin/speakers_app/organisationalias/add/?name=hyper+sonics",
    ):
        assert f'href="{address}"' in page
        form = client.get(address).content.decode()
        assert 'value="hyper sonics"' in form


def test_access_officers_see_neither_synonyms_nor_searches(client):
    client.force_login(UserFactory(group="Access officers"))

    assert client.get("/admin/search_app/searchcount/").status_code == 403
    assert client.get("/admin/search_app/synonym/").status_code == 403


@pytest.fixture
def gathers(settings):
    """Counts are collected; the test writes them, as a thread does some seconds later."""
    settings.COUNT_WRITE_SECONDS = 3600
    rare_searches.write_search_counts()
    yield
    rare_searches.write_search_counts()


def test_search_that_finds_nothing_writes_nothing(client, gathers):
    SessionFactory(title="Rivers")
    client.get("/sessions/?q=hypersonics")  # warms up the caches

    with CaptureQueriesContext(connection) as asked:
        for _ in range(2):
            client.get("/sessions/?q=hypersonics")
    writes = [query["sql"] for query in asked if not query["sql"].lstrip().startswith("SELECT")]
    before = SearchCount.objects.count()
    rare_searches.write_search_counts()

    assert (writes, before) == ([], 0)
    assert named() == [("hypersonics", 3)]


def test_counts_of_several_writes_add_up(gathers):
    count_rare_search("hypersonics", 0)
    rare_searches.write_search_counts()
    for hits in (0, 2):
        count_rare_search("hypersonics", hits)
    count_rare_search("rivers", 1)
    rare_searches.write_search_counts()

    rows = SearchCount.objects.order_by("-count").values_list("text", "count", "hits")
    assert list(rows) == [("hypersonics", 3, 2), ("", 1, 1)]


def test_number_of_collected_searches_is_limited(gathers, monkeypatch):
    monkeypatch.setattr(delayed_counts, "MAX_KEYS_GATHERED", 2)
    for text in ("one", "two", "three", "two"):
        count_rare_search(text, 0)
    rare_searches.write_search_counts()

    assert sorted(SearchCount.objects.values_list("count", flat=True)) == [1, 2]


def test_search_is_answered_while_counts_cannot_be_written(client, monkeypatch, caplog):
    def locked(gathered):
        raise OperationalError("database is locked")

    monkeypatch.setattr(rare_searches._delayed_search_counts, "_write", locked)

    assert client.get("/sessions/?q=hypersonics").status_code == 200
    assert "searches could not be counted" in caplog.text
