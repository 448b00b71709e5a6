"""unAPI: the records of a page as reference managers request them."""

import json
from datetime import date
from urllib.parse import quote

import pytest
import rispy
from lxml import etree, html

from sessions_app.models import Session
from site_app.redirects.addresses import add_redirect
from tests.factories import (
    AppearanceFactory,
    DocumentFactory,
    RecommendationFactory,
    SeriesFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db

FORMATS = {
    "ris": "application/x-research-info-systems",
    "bibtex": "application/x-bibtex",
    "csl-json": "application/vnd.citationstyles.csl+json",
}


@pytest.fixture
def rivers():
    session = SessionFactory(
        slug="rivers",
        title="Rivers",
        held_on=date(2019, 5, 1),
        series=SeriesFactory(name="Water Talks"),
        summary="<p>Of rivers.</p>",
        language="en",
    )
    for family in ("Zola", "Abara"):
        AppearanceFactory(
            session=session, speaker__family_name=family, speaker__given_name="Émile"
        )
    DocumentFactory(session=session, as_file=True)
    RecommendationFactory(session=session, number=1, text="Fund gauges")
    return session


def formats_of(response):
    root = etree.fromstring(response.content)
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert root.tag == "formats"
    return root.get("id"), {found.get("name"): found.get("type") for found in root}


def test_formats_are_listed_for_all_records_and_one(client, rivers):
    response = client.get("/unapi")
    assert (response.status_code, formats_of(response)) == (200, (None, FORMATS))

    response = client.get("/unapi?id=session:rivers")
    assert (response.status_code, formats_of(response)) == (300, ("session:rivers", FORMATS))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("format=ris", 400),
        ("id=session:nothing", 404),
        ("id=session:draft", 404),
        ("id=session:draft&format=ris", 404),
        ("id=nonsense&format=ris", 404),
        ("id=" + quote("\x00\ud7ff'\"<") + "&format=ris", 404),
        ("id=session:rivers&format=mods", 406),
    ],
)
def test_errors_follow_the_specification(client, rivers, query, status):
    SessionFactory(slug="draft", status=Session.Status.DRAFT)

    assert client.get(f"/unapi?{query}").status_code == status


def test_session_record_is_complete(client, rivers):
    response = client.get("/unapi?id=session:rivers&format=ris")
    (record,) = rispy.loads(response.content.decode())

    assert response["Content-Type"].startswith(FORMATS["ris"])
    assert record["type_of_reference"] == "SLIDE"
    assert record["authors"] == ["Zola, Émile", "Abara, Émile"]
    assert record["title"] == "Rivers"
    assert record["secondary_title"] == "Water Talks"
    assert record["date"] == "2019/05/01"
    assert record["abstract"] == "Of rivers."
    assert record["file_attachments1"].endswith(rivers.documents.get().get_absolute_url())
    assert record["file_attachments1"].startswith("http")
    assert response.content == client.get("/sessions/rivers/cite.ris").content


def test_recommendation_has_every_format(client, rivers):
    asked = "/unapi?id=recommendation:rivers-1&format="

    assert "Fund gauges" in client.get(asked + "bibtex").text
    (item,) = json.loads(client.get(asked + "csl-json").content)
    assert (item["title"], item["container-title"]) == ("Fund gauges", "Rivers")


def test_old_id_selects_its_successor(client, rivers):
    add_redirect("/sessions/streams/", "/sessions/rivers/")

    assert "TI  - Rivers" in client.get("/unapi?id=session:streams&format=ris").text


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/sessions/", ["session:rivers"]),
        ("/sessions/rivers/", ["session:rivers"]),
        ("/recommendations/", ["recommendation:rivers-1"]),
        ("/recommendations/rivers-1/", ["recommendation:rivers-1"]),
    ],
)
def test_pages_link_to_the_server_and_contain_their_ids(client, rivers, address, found):
    page = html.fromstring(client.get(address).content.decode())

    (server,) = page.xpath("/html/head/link[@rel='unapi-server']")
    assert (server.get("type"), server.get("href")) == ("application/xml", "/unapi")
    assert page.xpath("//abbr[@class='unapi-id']/@title") == found
    assert client.get(server.get("href"), {"id": found[0]}).status_code == 300


def test_query_count(client, rivers, django_assert_num_queries):
    for _number in range(3):
        AppearanceFactory(session=rivers)
        DocumentFactory(session=rivers, as_file=True)

    with django_assert_num_queries(12):
        client.get("/unapi?id=session:rivers&format=ris")
