"""The form for those who do not write the syntax of searches."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from tests.factories import AppearanceFactory, SessionFactory

pytestmark = pytest.mark.django_db
PATH = "/search/advanced/"


def led_to(client, **fields):
    response = client.get(PATH, fields)
    assert response.status_code == 302
    address = urlsplit(response["Location"])
    assert address.path == "/sessions/"
    return {name: values[0] for name, values in parse_qs(address.query).items()}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"words": "port  harbour"}, "port harbour"),
        ({"phrase": 'sea "lanes"'}, '"sea  lanes"'),
        ({"any_words": "port harbour"}, "port OR harbour"),
        ({"without": "oil -gas"}, "-oil -gas"),
        ({"speaker": "Prof. Ikram Novak"}, 'speaker:"Prof. Ikram Novak"'),
        (
            {"words": "port", "title": "law", "transcript": "we shall"},
            'port title:"law" transcript:"we shall"',
        ),
    ],
)
def test_fields_become_a_search_text(client, fields, text):
    assert led_to(client, **fields) == {"q": text}


def test_dates_and_parts_are_the_filters_of_the_list(client):
    assert led_to(client, date_after="May 2019", date_before="2020", has="recording") == {
        "date_after": "May 2019",
        "date_before": "2020",
        "has": "recording",
    }


def test_what_it_leads_to_finds_what_was_described(client):
    wanted = SessionFactory(title="Law of ports", slug="wanted", held_on=date(2019, 6, 1))
    AppearanceFactory(session=wanted, organisation__name="Harbour Institute")
    SessionFactory(title="Law of ports and oil", held_on=date(2019, 7, 1))
    SessionFactory(title="Law of ports", held_on=date(2021, 7, 1))

    page = client.get(
        PATH,
        {
            "any_words": "ports rivers",
            "without": "oil",
            "title": "law",
            "organisation": "Harbour Institute",
            "date_before": "2020",
        },
        follow=True,
    )

    found = html.fromstring(page.content.decode()).xpath("//@data-session")
    assert found == ["wanted"]


@pytest.mark.parametrize("value", ['"', "-", "OR", "((", "\x00", "x" * 5000, "title:"])
def test_anything_typed_is_answered(client, value):
    for name in ("words", "phrase", "any_words", "without", "speaker", "date_after", "has"):
        assert client.get(PATH, {name: value}, follow=True).status_code == 200


def test_the_form_is_there_without_anything_asked(client):
    tree = html.fromstring(client.get(PATH).content.decode())

    names = {field.get("name") for field in tree.xpath("//main//input")}
    assert {"words", "phrase", "without", "speaker", "date_after", "has"} <= names
    (help_link,) = html.fromstring(client.get("/sessions/").content.decode()).xpath(
        f"//main//a[@href='{PATH}']"
    )
    assert help_link.text == "Advanced search"
