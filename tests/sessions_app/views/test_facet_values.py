"""The page with all values of a facet: multiple selection, and two orders."""

import pytest
from lxml import html

from tests.factories import SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db
PATH = "/sessions/facets/series/"


@pytest.fixture
def series():
    for name, count in (("Water", 3), ("Ärger", 2), ("Law", 1)):
        entry = SeriesFactory(name=name, slug=name.lower().replace("ä", "a"))
        for _ in range(count):
            SessionFactory(series=entry)


def page(client, query=""):
    return html.fromstring(client.get(PATH + query).content.decode())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["water", "arger", "law"]),
        ("?order=name", ["arger", "law", "water"]),
        ("?order=nonsense", ["water", "arger", "law"]),
        ("?find=a&order=name", ["arger", "law", "water"]),
        ("?series=law", ["law", "water", "arger"]),
    ],
)
def test_values_can_be_ordered(client, series, query, expected):
    assert page(client, query).xpath("//li/@data-value") == expected


def test_checkboxes_are_submitted_with_the_earlier_query(client, series):
    (form,) = page(client, "?q=session&series=water&page=2").xpath("//form[@class='facet']")

    assert form.get("action") == "/sessions/"
    sent = [
        (field.get("name"), field.get("value")) for field in form.xpath(".//input[@type='hidden']")
    ]
    assert sent == [("q", "session")]
    assert form.xpath(".//input[@checked]/@value") == ["water"]


def test_selected_values_can_be_removed(client, series):
    chips = page(client, "?q=session&series=water").xpath("//a[@class='chip']/@href")

    assert chips == ["/sessions/?series=water", "/sessions/?q=session"]


def test_invalid_values_are_reported_as_on_the_list(client, series):
    SessionFactory(title="Submarine cables and their repair")

    found = page(client, "?q=submarone&year=abcd")

    assert found.xpath("//a[@data-suggestion]/@href") == ["/sessions/?q=submarine&year=abcd"]
    assert any("Year" in notice.text_content() for notice in found.xpath("//p[@class='notice']"))


@pytest.mark.parametrize("count", [1, 3])
def test_query_count(client, count, django_assert_num_queries):
    for _ in range(count):
        SessionFactory(series=SeriesFactory())
    client.get(PATH)  # updates the index
    client.cookies["messages"] = "x"  # responses for such visitors are not cached

    with django_assert_num_queries(6):
        client.get(f"{PATH}?order=name")
