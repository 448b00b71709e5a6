"""The search form for people who do not use the query syntax."""

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
        ({"words": 'cable "ship -war OR x (y title:z'}, 'cable ship war "OR" x y "title:z"'),
        ({"words": "“sea” - high-tech"}, "sea high-tech"),
        ({"phrase": 'sea "lanes"'}, '"sea lanes"'),
        ({"phrase": "sea “lanes”"}, '"sea lanes"'),
        ({"any_words": "port harbour"}, "port OR harbour"),
        ({"any_words": 'port OR "harbour" -'}, 'port OR "OR" OR harbour'),
        ({"without": "oil -gas"}, "-oil -gas"),
        ({"without": "-war OR x"}, '-war -"OR" -x'),
        ({"speaker": 'Maren "Mo" Tamm'}, 'speaker:"Maren Mo Tamm"'),
        ({"title": "*", "words": "port"}, "port"),
        ({"speaker": "Prof. Ikram Novak"}, 'speaker:"Prof. Ikram Novak"'),
        (
            {"words": "port", "title": "law", "transcript": "we shall"},
            'port title:"law" transcript:"we shall"',
        ),
    ],
)
def test_fields_become_a_query(client, fields, text):
    assert led_to(client, **fields) == {"q": text}


def test_dates_and_parts_are_the_filters_of_the_list(client):
    assert led_to(client, date_after="May 2019", date_before="2020", has="recording") == {
        "date_after": "May 2019",
        "date_before": "2020",
        "has": "recording",
    }


def test_created_query_finds_the_described_session(client):
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
def test_any_input_is_answered(client, value):
    for name in ("words", "phrase", "any_words", "without", "speaker", "date_after", "has"):
        assert client.get(PATH, {name: value}, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sent": "1"}, "Fill in at least one field with a word."),
        ({"words": "“ -"}, "Fill in at least one field with a word."),
        ({"words": "port", "date_after": "banana"}, "“banana” is not a date."),
        ({"date_before": "01/05/2019"}, "can mean 1 May 2019 or 5 January 2019"),
    ],
)
def test_unsearchable_input_is_reported_next_to_its_field(client, fields, message):
    response = client.get(PATH, fields)

    assert response.status_code == 200
    tree = html.fromstring(response.content.decode())
    (error,) = tree.find_class("error")
    assert message in error.text_content()
    (field,) = tree.xpath("//*[@aria-invalid='true']")
    assert error.get("id") in field.get("aria-describedby")
    for name, value in fields.items():
        assert [box.get("value") for box in tree.xpath(f"//input[@name='{name}']")] in (
            [value],
            [],
        )
    assert tree.findtext(".//title").strip().startswith("Error:")


def test_new_form_has_no_error(client):
    assert b'class="error"' not in client.get(PATH).content


def test_form_is_shown_without_parameters(client):
    tree = html.fromstring(client.get(PATH).content.decode())

    names = {field.get("name") for field in tree.xpath("//main//input")}
    assert {"words", "phrase", "without", "speaker", "date_after", "has"} <= names
    (help_link,) = html.fromstring(client.get("/sessions/").content.decode()).xpath(
        f"//main//a[@href='{PATH}']"
    )
    assert help_link.text == "Advanced search"
