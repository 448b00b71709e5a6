"""The messages for errors in a public form."""

import pytest
from lxml import html

from tests.factories import RecordingFactory, SessionFactory

pytestmark = pytest.mark.django_db

FORMS = [
    ("/contact/", ["Enter your name.", "Enter your e-mail address.", "Enter your message."]),
    ("/alerts/new/", ["Enter your e-mail address."]),
    ("/requests/", ["Enter your e-mail address."]),
    (
        "/sessions/open/request-recording/",
        [
            "Choose at least one session.",
            "Enter your name.",
            "Enter your e-mail address.",
            "Enter what you need the recording for.",
            "Tick the box to agree to the terms of use.",
        ],
    ),
    (
        "/sessions/open/comment/",
        ["Enter your name.", "Enter your e-mail address.", "Enter your comment."],
    ),
]


@pytest.fixture(autouse=True)
def session():
    session = SessionFactory(slug="open", commenting="open")
    RecordingFactory(session=session, access="on_request")
    return session


@pytest.mark.parametrize(("address", "messages"), FORMS)
def test_empty_form_says_what_to_enter_and_gets_the_focus(client, address, messages):
    response = client.post(address, {"frequency": "daily"})

    page = html.fromstring(response.content.decode())
    (summary,) = page.find_class("error-summary")
    assert response.status_code == 200
    assert page.findtext("head/title").startswith("Error: ")
    assert [link.text for link in summary.iter("a")] == messages
    assert "autofocus" in summary.attrib and summary.get("tabindex") == "-1"
    targets = {element.get("id") for element in page.iter() if element.get("id")}
    assert {link.get("href").removeprefix("#") for link in summary.iter("a")} <= targets


@pytest.mark.parametrize("address", [address for address, _messages in FORMS])
def test_new_public_form_has_no_error(client, address):
    page = html.fromstring(client.get(address).content.decode())

    assert not page.findtext("head/title").startswith("Error")


def test_problem_report_has_its_own_title(client):
    page = html.fromstring(client.get("/contact/?about=/sessions/open/").content.decode())

    assert page.findtext(".//h1") == "Report a problem"


def test_request_form_names_the_contact_of_the_session(client, session):
    session.recording_contact_email = "own@archive.example"
    session.save()

    for address in ("/sessions/open/", "/sessions/open/request-recording/"):
        page = html.fromstring(client.get(address).content.decode())
        main = page.get_element_by_id("content")
        assert main.xpath(".//a[starts-with(@href, 'mailto:')]/text()") == ["own@archive.example"]
