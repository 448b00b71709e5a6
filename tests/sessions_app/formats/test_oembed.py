"""oEmbed: what other sites receive for a session, and for a position in a recording."""

from datetime import timedelta

import pytest
from django.utils import timezone
from lxml import html

from tests.factories import AppearanceFactory, RecordingFactory, SessionFactory

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def session():
    session = SessionFactory(title="Cables <b>below</b>", slug="cables")
    AppearanceFactory(session=session, speaker__given_name="Ada", speaker__family_name="Reader")
    return session


def ask(client, url, **parameters):
    return client.get("/oembed", {"url": url, **parameters})


def test_session_can_be_embedded_with_its_source(client, session):
    answer = ask(client, f"{SITE}/sessions/cables/").json()

    quoted = html.fromstring(answer.pop("html"))
    assert quoted.tag == "blockquote"
    assert quoted.find(".//a").get("href") == f"{SITE}/sessions/cables/"
    assert quoted.find(".//a").text == "Cables <b>below</b>"
    assert "Reader, A." in quoted.find("footer").text
    thumbnail = answer.pop("thumbnail_url")
    assert client.get(thumbnail.removeprefix(SITE)).status_code == 200
    assert answer == {
        "version": "1.0",
        "type": "rich",
        "title": "Cables <b>below</b>",
        "author_name": "Ada Reader",
        "provider_name": "Speaker Series Archive",
        "provider_url": f"{SITE}/",
        "url": f"{SITE}/sessions/cables/",
        "width": 600,
        "height": 220,
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
    }


def test_page_links_to_its_oembed_response(client, session):
    page = html.fromstring(client.get(session.get_absolute_url()).content)
    (link,) = page.iterfind(".//link[@type='application/json+oembed']")

    answer = client.get(link.get("href").removeprefix(SITE))

    assert answer.json()["url"] == f"{SITE}/sessions/cables/"


def test_page_of_an_open_recording_links_to_its_oembed_response(client, session):
    RecordingFactory(session=session, number=1, access="open", has_audio=True)
    path = "/sessions/cables/recordings/1/"
    page = html.fromstring(client.get(path).content)
    (link,) = page.iterfind(".//link[@type='application/json+oembed']")

    answer = client.get(link.get("href").removeprefix(SITE))

    assert answer.json()["url"] == f"{SITE}{path}"


def test_position_in_an_open_recording_can_be_embedded(client, session):
    RecordingFactory(session=session, number=1, access="open", has_audio=True)
    seconds = int(session.recordings.get().duration_seconds)

    whole = ask(client, f"{SITE}/sessions/cables/recordings/1/").json()
    moment = ask(client, f"{SITE}/sessions/cables/recordings/1/#t=1").json()
    beyond = ask(client, f"{SITE}/sessions/cables/recordings/1/#t=99999").json()

    assert whole["url"] == f"{SITE}/sessions/cables/recordings/1/"
    assert (moment["url"], moment["title"]) == (
        f"{whole['url']}#t=1",
        "Cables <b>below</b>, at 0:01",
    )
    assert beyond["url"] == (f"{whole['url']}#t={seconds}" if seconds else whole["url"])


@pytest.mark.parametrize("values", [
    {"access": "on_request"}, {"access": "automatic"}, {"access": "closed"},
    {"sealed_until": timezone.localdate() + timedelta(days=1)},
])  # fmt: skip
def test_restricted_recording_is_not_embedded(client, session, values):
    RecordingFactory(session=session, number=1, has_audio=True, **{"access": "open", **values})

    assert ask(client, f"{SITE}/sessions/cables/recordings/1/").status_code == 404


@pytest.mark.parametrize("status", ["draft", "in_review", "withdrawn"])
def test_unpublished_session_is_not_embedded(client, session, status):
    session.status = status
    session.save()

    assert ask(client, f"{SITE}/sessions/cables/").status_code == 404


@pytest.mark.parametrize("url", [
    "x", "https://", "http://[", "https://elsewhere.example/sessions/cables/", f"{SITE}/",
    f"{SITE}/admin/", f"{SITE}/sessions/cables/cite.bib", f"{SITE}/sessions/none/",
    "javascript:alert(1)", f"{SITE}/sessions/cables/recordings/1/#t=²", f"{SITE}/\x00",
])  # fmt: skip
def test_other_urls_are_not_found(client, session, url):
    assert ask(client, url).status_code == 404


@pytest.mark.parametrize(("parameters", "status"), [
    ({"format": "xml"}, 501), ({"format": "json"}, 200), ({"maxwidth": "0"}, 400),
    ({"maxwidth": "x"}, 400), ({"maxheight": "9" * 30}, 400), ({"maxwidth": "²"}, 400),
])  # fmt: skip
def test_parameters_are_validated(client, session, parameters, status):
    assert ask(client, f"{SITE}/sessions/cables/", **parameters).status_code == status


def test_embed_fits_the_requested_size(client, session):
    answer = ask(client, f"{SITE}/sessions/cables/", maxwidth="300", maxheight="2000").json()

    assert (answer["width"], answer["height"]) == (300, 220)
    assert "thumbnail_url" not in answer


def test_url_parameter_is_required(client):
    answer = client.get("/oembed")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_scripts_of_other_sites_may_read_it(client, session):
    assert ask(client, f"{SITE}/sessions/cables/")["Access-Control-Allow-Origin"] == "*"


def test_old_address_of_a_renamed_session_is_embedded(client, session):
    old = session.get_absolute_url()
    session.slug = "renamed"
    session.save()

    answer = ask(client, f"http://127.0.0.1:8000{old}")

    assert answer.status_code == 200
    assert answer.json()["url"] == "http://127.0.0.1:8000/sessions/renamed/"
