"""Redirects: where each leads, for whom, and how often it is used."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from site_app.models import OldAddress
from site_app.redirects import hit_counter
from site_app.redirects.addresses import add_redirect, current_slugs_of_old_slugs, normalise_path
from tests.factories import AppearanceFactory, RecommendationFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db
OLD_SITE = OldAddress.Origin.OLD_SITE


def addresses():
    return set(OldAddress.objects.values_list("path", "leads_to"))


def answer(client, address):
    """Return (status, redirect target) of a request."""
    response = client.get(address)
    return response.status_code, response.get("Location")


def test_redirect_chain_leads_directly_to_the_last_url():
    add_redirect("/topics/a/", "/topics/b/")
    add_redirect("/topics/b/", "/topics/c/")

    assert addresses() == {("/topics/a/", "/topics/c/"), ("/topics/b/", "/topics/c/")}


def test_redirect_back_to_the_first_creates_no_loop():
    add_redirect("/topics/a/", "/topics/b/")
    add_redirect("/topics/b/", "/topics/a/")

    assert addresses() == {("/topics/b/", "/topics/a/")}


def test_redirects_to_urls_below_the_old_one_are_updated():
    add_redirect("/wp-content/uploads/a.pdf", "/sessions/a/documents/1/a.pdf", OLD_SITE)
    add_redirect("/sessions/a/", "/sessions/b/")

    assert addresses() == {
        ("/wp-content/uploads/a.pdf", "/sessions/b/documents/1/a.pdf"),
        ("/sessions/a/", "/sessions/b/"),
    }


def test_successors_of_another_kind_are_ignored():
    add_redirect("/topics/a/", "/topics/b/")
    add_redirect("/topics/x/", "/sessions/y/")

    assert current_slugs_of_old_slugs("/topics/", ["a", "x", "never"]) == {"a": "b"}


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("https://www.example.org/social/2019/11/Foo", "/2019/11/foo/"),
        ("http://example.org/2019/11/foo/?utm_source=x", "/2019/11/foo/"),
        ("/index.php/2019/11/foo/", "/2019/11/foo/"),
        ("//2019//foo", "/foo/"),  # a host, as in every URL without a scheme
        ("/social", "/"),
        ("/socialism/", "/socialism/"),
        ("/social/?p=12&preview=true", "/?p=12"),
        ("/?page_id=7", "/?p=7"),
        ("/?attachment_id=7", "/?p=7"),
        ("/?cat=3", "/?cat=3"),
        ("/?p=12).", "/?p=12"),
        ("/?tag=Port", "/tag/port/"),
        ("/?category_name=asia/china", "/category/asia/china/"),
        ("/?author_name=greer", "/author/greer/"),
        ("/social/?m=201911", "/2019/11/"),
        ("/?feed=rss2", "/feed/rss2/"),
        ("/?feed=comments-rss2", "/comments/feed/rss2/"),
        ("/sessions/?tag=port", "/sessions/"),
        ("/?p=abc", "/"),
        ("/?p=١٢", "/"),
        ("/caf%C3%A9/", "/café/"),
        ("/wp-content/uploads/2019/11/Paper.PDF", "/wp-content/uploads/2019/11/paper.pdf"),
        ("mailto:x@example.org", ""),
        ("http://[", ""),
        ("/a\x00b", ""),
        ("/" + "a" * 700, ""),
    ],
)
def test_paths_are_normalised(address, form):
    assert normalise_path(address) == form


def test_session_is_found_under_all_its_old_urls(client):
    SessionFactory(slug="foo")
    add_redirect("https://www.example.org/social/2019/11/foo/", "/sessions/foo/", OLD_SITE)
    add_redirect("https://www.example.org/social/?p=12", "/sessions/foo/", OLD_SITE)

    for address in (
        "/2019/11/foo/",
        "/2019/11/foo",
        "/2019/11/Foo/",
        "/social/2019/11/foo/",
        "/2019/11/foo/feed/",
        "/2019/11/foo/comment-page-2/",
        "/?p=12",
        "/social/?p=12",
        "/index.php?page_id=12",
    ):
        assert answer(client, address) == (301, "/sessions/foo/"), address


BELOW = (
    "feed/", "feed/atom/", "amp/", "2/", "embed/", "print/", "trackback/", "page/3/",
    "comment-page-2/", "comment-page-2/feed/", "amp/2/", "comments/feed/", "feed", "AMP/",
)  # fmt: skip
STRAY = (
    ".", ")", ",", ";", "%3E", "%E2%80%9D", "%C2%A0", "%20", ").", "/.", "/%20)", "%3C/a%3E", "]",
    "%E2%80%8B", "&gt;", "%22%3Ehere", "'", "…", "!", "=20", "/feed/).",
)  # fmt: skip


@pytest.mark.parametrize(
    "permalink", ["/foo/", "/reports/foo/", "/2019/11/foo/", "/2019/11/15/foo/"]
)
def test_wordpress_urls_below_a_page_redirect_to_the_page(client, permalink):
    SessionFactory(slug="foo")
    add_redirect(permalink, "/sessions/foo/", OLD_SITE)

    found = {below: answer(client, permalink + below) for below in BELOW}

    assert found == dict.fromkeys(BELOW, (301, "/sessions/foo/"))


@pytest.mark.parametrize(
    ("old", "leads_to"),
    [
        ("/2019/11/foo", "/sessions/foo/"),
        ("/reports/foo", "/sessions/foo/"),
        ("/wp-content/uploads/a.pdf", "/sessions/foo/documents/1/a.pdf"),
    ],
)
def test_trailing_characters_of_an_old_url_are_ignored(client, old, leads_to):
    SessionFactory(slug="foo")
    add_redirect(old, leads_to, OLD_SITE)
    endings = [ending for ending in STRAY if "feed" not in ending or "pdf" not in old]

    found = {ending: answer(client, old + ending) for ending in endings}

    assert found == dict.fromkeys(endings, (301, leads_to))


def test_trailing_characters_after_a_page_number_are_ignored(client):
    SessionFactory(slug="foo")
    add_redirect("/?p=12", "/sessions/foo/", OLD_SITE)

    for ending in (".", ")", "%C2%A0", "%3E"):
        assert answer(client, f"/?p=12{ending}") == (301, "/sessions/foo/")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("/sessions/foo/).", (301, "/sessions/foo/")),
        ("/sessions/foo%3E", (301, "/sessions/foo/")),
        ("/sessions/foo/%C2%A0", (301, "/sessions/foo/")),
        ("/sessions/foo/cite.bib).", (301, "/sessions/foo/cite.bib")),
        ("/sessions/,?year=2019", (301, "/sessions/?year=2019")),
        ("/about/.", (301, "/about/")),
        ("/sessions/draft/).", (404, None)),
        ("/sessions/nobody/).", (404, None)),
        ("/sessions/gone/).", (301, "/sessions/gone/")),
    ],
)
def test_trailing_characters_of_a_current_url_are_removed(client, asked, expected):
    SessionFactory(slug="foo")
    SessionFactory(slug="draft", status="draft")
    gone = SessionFactory(slug="gone")
    gone.status = "withdrawn"
    gone.save()

    assert answer(client, asked) == expected


def test_old_url_that_really_ends_like_this_is_unchanged(client):
    SessionFactory(slug="foo")
    SessionFactory(slug="bar")
    add_redirect("/foo/", "/sessions/foo/", OLD_SITE)
    add_redirect("/foo-(bar)/", "/sessions/bar/", OLD_SITE)

    assert answer(client, "/foo-(bar)/") == (301, "/sessions/bar/")


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/feed/", "/sessions/feed.rss"),
        ("/feed", "/sessions/feed.rss"),
        ("/social/feed/", "/sessions/feed.rss"),
        ("/feed/rss2/", "/sessions/feed.rss"),
        ("/feed/atom/", "/sessions/feed.atom"),
        ("/?feed=rss2", "/sessions/feed.rss"),
        ("/social/?feed=atom", "/sessions/feed.atom"),
        ("/comments/feed/", "/comments/feed.rss"),
        ("/?feed=comments-rss2", "/comments/feed.rss"),
        ("/wp-rss2.php", "/sessions/feed.rss"),
        ("/rss.xml", "/sessions/feed.rss"),
        ("/2019/", "/sessions/?date_after=2019&date_before=2019"),
        ("/2019/11/", "/sessions/?date_after=2019-11&date_before=2019-11"),
        ("/2019/11/page/2/", "/sessions/?date_after=2019-11&date_before=2019-11"),
        ("/2019/page/2/", "/sessions/?date_after=2019&date_before=2019"),
        ("/2019/11/15/", "/sessions/?date_after=2019-11-15&date_before=2019-11-15"),
        ("/?m=201911", "/sessions/?date_after=2019-11&date_before=2019-11"),
        ("/2018/", None),  # no public session was held then
        ("/2019/13/", None),
        ("/1234/", None),
    ],
)
def test_feeds_and_date_archives_of_the_old_site_redirect(client, asked, leads_to):
    SessionFactory(held_on="2019-11-15")
    SessionFactory(held_on="2018-11-15", status="draft")

    status, location = answer(client, asked)

    assert (status, location) == ((301, leads_to) if leads_to else (404, None))
    if leads_to:
        assert client.get(leads_to).status_code == 200


def test_old_url_of_a_list_redirects_to_the_list(client):
    add_redirect("/archive/", "/sessions/?topic=port", OLD_SITE)

    assert answer(client, "/archive/") == (301, "/sessions/?topic=port")


def test_old_url_does_not_reveal_the_recommendation_of_a_draft(client):
    RecommendationFactory(session__slug="secret", session__status="draft", number=1)
    add_redirect("/advice/", "/recommendations/secret-1/", OLD_SITE)

    assert answer(client, "/advice/") == (404, None)


def test_small_size_of_a_picture_redirects_to_the_picture(client):
    SessionFactory(slug="foo")
    add_redirect("/wp-content/uploads/map.png", "/sessions/foo/documents/1/map.png", OLD_SITE)

    assert answer(client, "/wp-content/uploads/map-300x200.png") == (
        301,
        "/sessions/foo/documents/1/map.png",
    )


def test_unknown_urls_below_an_old_page_do_not_redirect(client):
    SessionFactory(slug="foo")
    add_redirect("/reports/2019/", "/sessions/foo/", OLD_SITE)

    assert answer(client, "/reports/2019/annex/") == (404, None)


def test_urls_below_a_renamed_page_keep_their_case(client):
    SessionFactory(slug="new")
    add_redirect("/sessions/old/", "/sessions/new/")

    assert answer(client, "/sessions/old/documents/1/Paper.pdf?x=1") == (
        301,
        "/sessions/new/documents/1/Paper.pdf?x=1",
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("draft", (404, None)),
        ("published", (301, "/sessions/foo/")),
    ],
)
def test_old_url_does_not_reveal_a_draft(client, status, expected):
    SessionFactory(slug="foo", status=status)
    add_redirect("/2019/11/foo/", "/sessions/foo/", OLD_SITE)

    assert answer(client, "/2019/11/foo/") == expected


@pytest.mark.parametrize(
    ("status", "expected"), [("withdrawn", 410), ("draft", 404), ("published", 301)]
)
@pytest.mark.parametrize(
    "address",
    [
        "/2019/11/foo/",
        "/2019/11/foo/feed/",
        "/?p=77",
        "/sessions/old/",
        "/sessions/old/cite.bib",
        "/sessions/old/session.ics",
        "/sessions/old/documents/1/paper.pdf",
        "/sessions/old/request-recording/",
        "/sessions/old/comments.atom",
        "/recommendations/old-1/",
        "/recommendations/old-1/cite.txt?style=mla",
        "/api/v1/sessions/old/",
        "/api/v1/recommendations/old-1/",
    ],
)
def test_old_url_redirects_only_to_public_records(client, address, status, expected):
    session = SessionFactory(slug="old", status="draft" if status == "draft" else "published")
    RecommendationFactory(session=session, number=1)
    add_redirect("/2019/11/foo/", "/sessions/old/", OLD_SITE)
    add_redirect("/?p=77", "/sessions/old/", OLD_SITE)
    session.status, session.slug = status, "secret-new-name"
    session.save()
    add_redirect("/sessions/old/", "/sessions/secret-new-name/")

    response = client.get(address)

    told = "secret-new-name" in response.text + response.get("Location", "")
    if address == "/?p=77" and status == "draft":
        expected = 200  # the front page, as for any unknown number
    assert (response.status_code, told) == (expected, expected == 301)


def test_filter_by_an_old_slug_does_not_reveal_a_hidden_record(client):
    hidden = AppearanceFactory(session__status="draft", speaker__slug="secret-name").speaker
    add_redirect("/speakers/old/", hidden.get_absolute_url())

    for address in ("/sessions/", "/recommendations/", "/alerts/new/", "/api/v1/sessions/"):
        assert "secret-name" not in client.get(f"{address}?speaker=old").text


def test_old_url_of_a_person_used_only_in_drafts_is_not_found(client):
    public = AppearanceFactory().speaker
    hidden = AppearanceFactory(session__status="draft").speaker
    add_redirect("/author/a/", public.get_absolute_url(), OLD_SITE)
    add_redirect("/author/b/", hidden.get_absolute_url(), OLD_SITE)

    assert answer(client, "/author/a/") == (301, public.get_absolute_url())
    assert answer(client, "/author/b/") == (404, None)


def test_redirect_to_a_draft_follows_its_slug(client):
    session = SessionFactory(slug="foo", status="draft")
    add_redirect("/2019/11/foo/", "/sessions/foo/", OLD_SITE)

    session.slug = "bar"
    session.save()

    assert addresses() == {("/2019/11/foo/", "/sessions/bar/")}


def test_unknown_page_number_shows_the_front_page(client):
    assert answer(client, "/?p=99") == (200, None)
    assert addresses() == {("/?p=99", "")}


def test_hits_and_misses_of_old_urls_are_counted(client):
    SessionFactory(slug="foo")
    add_redirect("/2019/11/foo/", "/sessions/foo/", OLD_SITE)

    for address in (
        "/2019/11/foo/",
        "/2019/11/foo/",
        "/2019/12/lost/",
        "/2019/12/lost/",
        "/wp-login.php",
        "/.env",
        "/sessions/never/",
        "/write-to-someone@example.org/",
        "/call-me-at-123456789/",
    ):
        client.get(address)

    assert set(OldAddress.objects.values_list("path", "leads_to", "origin", "times_asked")) == {
        ("/2019/11/foo/", "/sessions/foo/", "old site", 2),
        ("/2019/12/lost/", "", "asked", 2),
    }


def test_hits_are_collected_in_memory_between_writes(client, settings, django_assert_num_queries):
    SessionFactory(slug="foo")
    add_redirect("/2019/11/foo/", "/sessions/foo/", OLD_SITE)
    settings.COUNT_WRITE_SECONDS = 3600

    for _ in range(3):
        client.get("/2019/11/foo/")
    before = OldAddress.objects.get().times_asked
    hit_counter.write_hit_counts()

    assert (before, OldAddress.objects.get().times_asked) == (0, 3)


def test_misses_below_a_page_count_for_the_page(client):
    for address in ("/2019/12/lost/", "/2019/12/lost/feed/", "/2019/12/lost).", "/2019/12/"):
        client.get(address)

    assert set(OldAddress.objects.values_list("path", "times_asked")) == {
        ("/2019/12/lost/", 3),
        ("/2019/12/", 1),
    }


def test_number_of_stored_misses_is_limited(client, monkeypatch):
    monkeypatch.setattr(hit_counter, "MAX_MISSING_ADDRESSES", 4)

    for number in range(6):
        client.get(f"/2019/11/lost-{number}/")
    full = OldAddress.objects.count()
    gone = hit_counter.delete_old_missing_addresses()

    assert (full, gone, OldAddress.objects.count()) == (4, 1, 3)


def test_staff_can_redirect_a_missing_url(client, staff_client):
    SessionFactory(slug="foo")
    client.get("/2019/12/lost/")
    entry = OldAddress.objects.get()
    staff = staff_client("Publishers")

    page = f"/admin/site_app/oldaddress/{entry.pk}/change/"
    refused = staff.post(page, {"path": "/2019/12/lost/", "leads_to": "//evil.example/"})
    staff.post(page, {"path": "/social/2019/12/Lost", "leads_to": "/sessions/foo/"})

    assert "Write a path of this site" in refused.content.decode()
    assert addresses() == {("/2019/12/lost/", "/sessions/foo/")}
    assert answer(client, "/2019/12/lost/") == (301, "/sessions/foo/")


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("/sessions/foo/", "/sessions/foo/"),
        ("/sessions/foo", "/sessions/foo/"),
        ("https://archive.example.org/sessions/foo/", "/sessions/foo/"),
        ("http://testserver/sessions/foo/#summary", "/sessions/foo/#summary"),
        ("http://127.0.0.1:8000/sessions/?topic=port", "/sessions/?topic=port"),
        ("/", "/"),
        ("/about/", "/about/"),
        ("/sessions/draft/", "/sessions/draft/"),  # found once the session is published
        ("/speakers/hidden/", "/speakers/hidden/"),
        ("/recommendations/foo-1/", "/recommendations/foo-1/"),
    ],
)
def test_page_of_this_site_is_accepted_as_target(staff_client, settings, typed, leads_to):
    settings.SITE_URL = "https://archive.example.org"
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
    RecommendationFactory(session=SessionFactory(slug="foo"), number=1)
    SessionFactory(slug="draft", status="draft")
    AppearanceFactory(session__status="draft", speaker__slug="hidden")

    staff_client("Publishers").post(
        "/admin/site_app/oldaddress/add/", {"path": "/lost/", "leads_to": typed}
    )

    assert addresses() == {("/lost/", leads_to)}


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        ("/lost/", "/sessions/nonexistent-thing/", "There is no page at /sessions/nonexistent"),
        ("/lost/", "/recommendations/foo-7/", "There is no page at /recommendations/foo-7/"),
        ("/lost/", "/sessions/foo/documents/9/a.pdf", "There is no page"),
        ("/lost/", "/speakers/nobody/", "There is no page at /speakers/nobody/"),
        ("/lost/", "/no/such/page/", "There is no page at /no/such/page/"),
        ("/lost/", "https://elsewhere.example/sessions/foo/", "elsewhere.example is another site"),
        ("/lost/", "//elsewhere.example/", "Write a path of this site"),
        ("/lost/", "javascript:alert(1)", "Write a path of this site"),
        ("/lost/", "sessions/foo/", "Write a path of this site"),
        ("/lost/", "http://[", "not an address"),
        ("/lost/", "/lost/", "There is no page at /lost/"),
        ("/lost/", "/older/", "/older/ is an old address, which leads to /sessions/foo/"),
        ("/lost/", "/feed/", "/feed/ is an old address, which leads to /sessions/feed.rss"),
        ("/sessions/foo/", "/about/", "There is a page at /sessions/foo/"),
        ("/sessions/", "/about/", "There is a page at /sessions/"),
    ],
)
def test_other_urls_are_rejected_as_target(staff_client, path, typed, said):
    SessionFactory(slug="foo")
    add_redirect("/older/", "/sessions/foo/", OLD_SITE)

    response = staff_client("Publishers").post(
        "/admin/site_app/oldaddress/add/", {"path": path, "leads_to": typed}
    )

    assert said in response.text
    assert addresses() == {("/older/", "/sessions/foo/")}


def test_redirect_to_a_redirected_url_creates_no_chain(staff_client):
    SessionFactory(slug="foo")
    add_redirect("/oldest/", "/older/", OLD_SITE)

    staff_client("Publishers").post(
        "/admin/site_app/oldaddress/add/", {"path": "/older/", "leads_to": "/sessions/foo/"}
    )

    assert addresses() == {("/oldest/", "/sessions/foo/"), ("/older/", "/sessions/foo/")}


@pytest.mark.parametrize("count", [1, 3])
def test_redirect_list_query_count(client, count, django_assert_num_queries):
    for number in range(count):
        add_redirect(f"/2019/11/{number}/", "/sessions/foo/", OLD_SITE)
    client.force_login(UserFactory(group="Publishers"))

    with django_assert_num_queries(7):
        response = client.get("/admin/site_app/oldaddress/")

    assert response.status_code == 200


def test_migration_copies_former_redirects():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE django_redirect "
            "(id integer, site_id integer, old_path varchar(200), new_path varchar(200))"
        )
        cursor.execute("INSERT INTO django_redirect VALUES (1, 1, '/topics/a/', '/topics/b/')")
    migration = import_module("site_app.migrations.0005_former_redirects")

    migration.take_over(apps, SimpleNamespace(connection=connection))

    assert addresses() == {("/topics/a/", "/topics/b/")}
