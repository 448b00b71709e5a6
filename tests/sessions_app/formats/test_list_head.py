"""What lists tell programs, read by a program of others."""

import pytest
from extruct import extract

from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def archive():
    """Twelve sessions of the same people and subjects, each with a recommendation."""
    first = AppearanceFactory(
        speaker__slug="ada", organisation__slug="institute", session__slug="session-0"
    )
    series, topic, region = (
        SeriesFactory(slug="s"),
        TopicFactory(slug="t"),
        RegionFactory(slug="r"),
    )
    for number in range(12):
        session = SessionFactory(slug=f"session-{number}") if number else first.session
        if number:
            AppearanceFactory(
                session=session, speaker=first.speaker, organisation=first.organisation
            )
        session.series = series
        session.save()
        session.topics.add(topic)
        session.regions.add(region)
        RecommendationFactory(session=session, number=1)


def linked_data(response) -> dict[str, dict]:
    """Return {type: object} of a page, as extruct reads them."""
    data = extract(response.content.decode(), syntaxes=["json-ld"])["json-ld"]
    return {item["@type"]: item for item in data}


LISTS = [
    ("/sessions/", "/sessions/"), ("/recommendations/", "/recommendations/"),
    ("/speakers/ada/", "/sessions/"), ("/organisations/institute/", "/sessions/"),
    ("/series/s/", "/sessions/"), ("/topics/t/", "/sessions/"), ("/regions/r/", "/sessions/"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "prefix"), LISTS)
def test_a_list_names_what_it_shows_by_address(client, archive, address, prefix):
    page = linked_data(client.get(address))["CollectionPage"]

    items = page["mainEntity"]["itemListElement"]
    assert page["url"] == f"{SITE}{address}"
    assert page["mainEntity"]["numberOfItems"] == 12
    assert [item["position"] for item in items] == list(range(1, 13))
    assert len({item["url"] for item in items}) == 12
    assert all(item["url"].startswith(f"{SITE}{prefix}") for item in items)
    assert client.get(items[-1]["url"].removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize("address", [address for address, prefix in LISTS] + ["/speakers/"])
def test_pages_that_search_engines_leave_out_name_no_results(client, archive, address):
    data = linked_data(client.get(f"{address}?page=1"))

    assert "CollectionPage" not in data
    assert "BreadcrumbList" in data


def test_results_are_named_in_the_order_of_the_page(client, archive):
    response = client.get("/sessions/")

    items = linked_data(response)["CollectionPage"]["mainEntity"]["itemListElement"]
    shown = [part.partition('"')[0] for part in response.text.split('data-session="')[1:]]
    assert [item["url"] for item in items] == [f"{SITE}/sessions/{slug}/" for slug in shown]


@pytest.mark.parametrize(("address", "heading", "slug"), [
    ("/speakers/", "Speakers", "ada"), ("/organisations/", "Organisations", "institute"),
    ("/series/", "Series", "s"), ("/topics/", "Topics", "t"), ("/regions/", "Regions", "r"),
])  # fmt: skip
def test_directories_name_their_entries(client, archive, address, heading, slug):
    data = linked_data(client.get(address))

    page = data["CollectionPage"]
    assert page["name"] == heading
    assert page["mainEntity"]["numberOfItems"] == 1
    assert [item["url"] for item in page["mainEntity"]["itemListElement"]] == [
        f"{SITE}{address}{slug}/"
    ]
    trail = data["BreadcrumbList"]["itemListElement"]
    assert [part["item"] for part in trail] == [f"{SITE}/", f"{SITE}{address}"]


def test_an_empty_list_names_nothing(client):
    page = linked_data(client.get("/sessions/"))["CollectionPage"]

    assert page["mainEntity"] == {"@type": "ItemList", "numberOfItems": 0, "itemListElement": []}


def test_the_page_of_a_record_says_that_its_list_is_about_it(client, archive):
    data = linked_data(client.get("/series/s/"))

    assert data["CollectionPage"]["about"]["@id"] == data["CreativeWorkSeries"]["@id"]
