"""Every field of every public form, filled in by an attacker."""

import pytest

from recordings_app.models import CONFIRM_LINK_PURPOSE, RecordingRequest
from site_app.mail.queue import send_due_mail
from site_app.models import MailMessage, SiteSettings
from tests.factories import RecordingFactory, RecordingRequestFactory
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db

FORMS = {
    "/contact/": {
        "name": "Ada", "email": "ada@reader.example", "message": "Hello", "about": "/sessions/",
    },
    "/sessions/sea-lanes/request-recording/": {
        "session": ["sea-lanes"], "name": "Ada", "email": "ada@reader.example",
        "organisation": "Room", "purpose": "Study", "agree": "on",
    },
    "/alerts/new/": {"email": "ada@reader.example", "frequency": "daily", "note": "Note"},
    "/sessions/sea-lanes/comment/": {"name": "Ada", "email": "ada@reader.example", "body": "Well said."},
}  # fmt: skip
FIELDS = [(address, field) for address, typed in FORMS.items() for field in typed]
INJECTED = "\r\nBcc: all@victim.example\r\nSubject: Yours\r\n\r\nMy own text"
EXPECTED = {"ada@reader.example", "archive@localhost"}


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = "site_app.mail.backend.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with MailServer() as started:
        settings.EMAIL_PORT = started.port
        yield started


@pytest.fixture(autouse=True)
def session():
    SiteSettings.objects.create(pk=1, commenting="open")
    return RecordingFactory(session__title="Sea lanes", session__slug="sea-lanes").session


@pytest.mark.parametrize(
    "injected", [INJECTED, INJECTED.replace("\r\n", "\n"), "\rBcc: x@y.example"]
)
@pytest.mark.parametrize(("address", "field"), FIELDS)
def test_no_field_can_inject_a_header(client, server, address, field, injected):
    typed = FORMS[address]
    value = typed[field][0] if isinstance(typed[field], list) else typed[field]
    response = client.post(address, typed | {field: value + injected})

    assert response.status_code < 500
    for request in RecordingRequest.objects.all():
        client.post(f"/requests/confirm/{request.token(CONFIRM_LINK_PURPOSE)}/")
    send_due_mail()

    assert not MailMessage.objects.exclude(state="sent").exists()
    assert {recipient for recipient, _message in server.received} <= EXPECTED
    for _recipient, message in server.received:
        assert message["Bcc"] is None
        assert len(message.get_all("Subject")) == len(message.get_all("To")) == 1
        assert "Yours" not in message["Subject"].split()[:1]
        assert message.defects == []


@pytest.mark.parametrize(("address", "field"), FIELDS)
def test_markup_in_any_field_is_escaped(client, server, address, field):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    typed = FORMS[address]
    response = client.post(address, typed | {field: hostile}, follow=True)

    for request in RecordingRequest.objects.all():
        client.post(f"/requests/confirm/{request.token(CONFIRM_LINK_PURPOSE)}/")
    send_due_mail()

    shown = [response.content.decode()]
    shown += [message.get_body(("html",)).get_content() for _recipient, message in server.received]
    for page in shown:
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_names_in_the_admin_are_escaped(admin_client):
    hostile = "<script>alert(1)</script>"
    request = RecordingRequestFactory(name=hostile, organisation=hostile, purpose=hostile)

    for address in ("", f"{request.pk}/change/", f"decide/?request={request.pk}"):
        page = admin_client.get(f"/admin/recordings_app/recordingrequest/{address}")
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;alert" in page.content.decode()


@pytest.mark.parametrize("address", FORMS)
def test_forged_forwarded_header_is_ignored(client, address, settings):
    settings.RATE_LIMITS = "100/email,3/address"

    statuses = [
        client.post(
            address,
            FORMS[address] | {"email": f"a{number}@reader.example"},
            headers={"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": "for=192.0.2.1"},
        ).status_code
        for number in range(4)
    ]

    assert (statuses[3], 429 in statuses[:3]) == (429, False)


@pytest.mark.parametrize("address", FORMS)
def test_error_response_has_retry_time_and_contact(client, address, settings):
    settings.RATE_LIMITS = "1/email,100/address"
    client.post(address, FORMS[address])

    response = client.post(address, FORMS[address])

    assert response.status_code == 429
    assert 3590 < int(response["Retry-After"]) <= 3600
    assert "mailto:archive@localhost" in response.content.decode()
