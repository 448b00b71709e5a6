from datetime import date

import pytest
from django.test import Client

from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db

IN_FRENCH = {"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"}
FOR_PROGRAMS = [
    "/api/v1/sessions/", "/api/v1/sessions/?facets=1", "/api/schema/", "/sessions/export.csv",
    "/sessions/feed.atom", "/sessions/rivers/cite.txt", "/sessions/upcoming.ics",
    "/oai?verb=Identify", "/sitemap.xml", "/opensearch.xml",
    "/oembed?url=http://127.0.0.1:8000/sessions/rivers/",
]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en-GB"),
        ("en-US,en;q=0.9", "en-GB"),
        ("de-AT,de;q=0.9", "en-GB"),
        ("de,fr;q=0.5", "fr"),
        ("fr-CA", "fr"),
        ("fr;q=abc", "en-GB"),
        ("\x00,é" * 900, "en-GB"),
    ],
)
def test_page_is_in_the_language_of_the_browser(client, asked, language):
    answer = client.get("/", headers={"Accept-Language": asked})

    assert answer["Content-Language"] == language
    assert f'<html lang="{language}" dir="ltr">' in answer.content.decode()
    assert {"Accept-Language", "Cookie"} <= set(answer["Vary"].replace(" ", "").split(","))


def test_cached_pages_are_separate_by_language(client):
    english = client.get("/about/")
    french = client.get("/about/", headers=IN_FRENCH)

    assert english["ETag"] != french["ETag"]
    for headers, first in (({}, english), (IN_FRENCH, french)):
        kept = client.get("/about/", headers=headers)
        assert (kept.content, kept["Content-Language"]) == (
            first.content,
            first["Content-Language"],
        )
        for other, status in ((english, 200), (french, 200)):
            status = 304 if other is first else status
            tagged = client.get("/about/", headers={**headers, "If-None-Match": other["ETag"]})
            assert tagged.status_code == status
    # Whatever similar headers a browser sends, there is one cached page per language.
    assert client.get("/about/", headers={"Accept-Language": "fr"})["ETag"] == french["ETag"]


@pytest.mark.parametrize("address", FOR_PROGRAMS)
def test_machine_readable_responses_do_not_depend_on_the_language(client, address):
    SessionFactory(slug="rivers")
    english = client.get(address)
    client.cookies["language"] = "fr"

    french = client.get(address, headers=IN_FRENCH)

    assert english.status_code == 200
    assert french.getvalue() == english.getvalue()
    assert "Accept-Language" not in french.get("Vary", "")


def test_choosing_a_language_redirects_back_to_the_page(client):
    page = client.get("/sessions/?topic=x").content.decode()
    assert page.count('<input type="hidden" name="next" value="/sessions/?topic=x">') >= 1

    answer = client.post("/language/", {"language": "fr", "next": "/sessions/?topic=x"})

    assert (answer.status_code, answer["Location"]) == (303, "/sessions/?topic=x")
    assert client.get("/about/")["Content-Language"] == "fr"
    assert client.get("/about/", headers={"Accept-Language": "en"})["Content-Language"] == "fr"
    client.post("/language/", {"language": "en-gb", "next": "/"})
    assert client.get("/about/", headers=IN_FRENCH)["Content-Language"] == "en-GB"


def test_language_switch_needs_no_token_and_changes_nothing_by_get(client):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/language/", {"language": "fr"}).status_code == 303
    assert strict.cookies["language"].value == "fr"
    answer = client.get("/language/?language=fr")
    assert (answer.status_code, bool(answer.cookies)) == (405, False)


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "evil",
        "",
        "\x01//evil",
        "///e",
    ],
)
def test_language_switch_redirects_only_within_the_site(client, address):
    answer = client.post("/language/", {"language": "fr", "next": address})
    assert (answer.status_code, answer["Location"]) == (303, "/")


@pytest.mark.parametrize("language", ["", "de", "fr-x", "../../etc", "fr\r\n", "\x00"])
def test_unknown_language_is_not_stored(client, language):
    assert not client.post("/language/", {"language": language}).cookies
    client.cookies["language"] = "de"
    assert client.get("/")["Content-Language"] == "en-GB"


def test_the_admin_is_in_the_language_of_the_browser_or_the_chosen_one(client):
    assert client.get("/admin/login/")["Content-Language"] == "en-GB"
    assert client.get("/admin/login/", headers=IN_FRENCH)["Content-Language"] == "fr"
    client.cookies["language"] = "fr"
    assert client.get("/admin/login/")["Content-Language"] == "fr"


def test_a_reference_is_the_same_in_every_language(client):
    SessionFactory(slug="rivers", held_on=date(2019, 5, 1))

    english, french = (
        client.get("/sessions/rivers/", headers={"Accept-Language": language}).content.decode()
        for language in ("en", "fr")
    )

    assert "1er mai 2019" in french
    for reference in ("(2019, May 1)", "May 1, 2019"):
        assert reference in english
        assert reference in french
