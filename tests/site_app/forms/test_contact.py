import pytest

from site_app.models import ContactMessage
from sma_archive.settings import ARCHIVE_CONTACT_EMAIL

pytestmark = pytest.mark.django_db

TYPED = {"name": "Ada", "email": "ada@reader.example", "message": "A date is wrong."}


def test_message_is_stored_and_mailed_to_the_archive(client, send_mail_now):
    response = client.post("/contact/", TYPED | {"about": "/sessions/x/"})

    assert (response.status_code, response["Location"]) == (302, "/contact/thanks/")
    assert ContactMessage.objects.get().about == "/sessions/x/"
    (sent,) = send_mail_now()
    assert (sent.to, sent.reply_to) == ([ARCHIVE_CONTACT_EMAIL], ["ada@reader.example"])
    assert "/sessions/x/" in sent.body


@pytest.mark.parametrize("about", ["https://evil.example/", "//evil.example/", "/\\evil", ""])
def test_page_of_another_site_is_ignored(client, about):
    assert client.get("/contact/", {"about": about}).context["form"].initial == {"about": ""}

    client.post("/contact/", TYPED | {"about": about})

    assert ContactMessage.objects.get().about == ""


def test_every_page_links_to_a_problem_report(client):
    page = client.get("/sessions/?q=river").content.decode()

    assert "/contact/?about=%2Fsessions%2F%3Fq%3Driver" in page


def test_form_with_an_error_preserves_the_input(client):
    response = client.post("/contact/", TYPED | {"email": "x"})

    assert response.status_code == 200
    assert "A date is wrong." in response.content.decode()


def test_too_long_an_address_is_rejected(client):
    email = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 10}.example"
    assert len(email) > 254

    response = client.post("/contact/", TYPED | {"email": email})

    assert response.context["form"].errors["email"]
    assert not ContactMessage.objects.exists()
