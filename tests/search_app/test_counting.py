"""Searches that found little are counted, and named only when asked for again and again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from search_app.counting import count_search, forget_old_counts
from search_app.models import SearchCount
from tests.factories import SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


def named():
    return list(SearchCount.objects.exclude(text="").values_list("text", "count"))


def test_text_is_written_down_the_third_time():
    for text in ("hypersonics", "Hypersonics"):
        count_search(text, 0)
    assert named() == []
    assert "hypersonics" not in SearchCount.objects.get().digest

    count_search(" hypersonics ", 1)

    assert named() == [("hypersonics", 3)]


@pytest.mark.parametrize("text", ["jane@example.org", "call 5551234", "file 123", "", "x" * 101])
def test_texts_that_may_name_somebody_are_never_counted(text):
    for _ in range(4):
        count_search(text, 0)

    assert not SearchCount.objects.exists()


def test_searches_that_found_much_are_not_counted():
    count_search("rivers", 3)

    assert not SearchCount.objects.exists()


def test_pages_count_each_search_and_head_and_filters_do_not(client):
    SessionFactory(title="Rivers")
    for _ in range(3):
        client.get("/sessions/?q=hypersonics")
    client.head("/sessions/?q=hypersonics")
    client.get("/sessions/?q=hypersonics&year=2020")
    client.get("/sessions/")

    assert named() == [("hypersonics", 3)]


def test_hashes_and_texts_are_forgotten():
    today = timezone.localdate()
    rows = (("a", "", 31), ("b", "", 29), ("c", "old", 366), ("d", "kept", 300))
    for digest, text, days in rows:
        SearchCount.objects.create(digest=digest, text=text, last_on=today - timedelta(days=days))

    assert forget_old_counts() == 2
    assert set(SearchCount.objects.values_list("digest", flat=True)) == {"b", "d"}


def test_editors_make_a_synonym_or_a_name_of_a_search_with_one_click(client):
    for _ in range(3):
        count_search("hyper sonics", 0)
    client.force_login(UserFactory(group="Editors"))

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
