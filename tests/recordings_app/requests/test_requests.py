import pytest
from django.utils import timezone

from recordings_app.models import (
    CONFIRM_LINK_PURPOSE,
    STATUS_LINK_PURPOSE,
    RecordingRequest,
    RequestedRecording,
)
from recordings_app.requests.retention import purge_unconfirmed_requests
from site_app.models import MailMessage
from tests.factories import RecordingFactory, SessionFactory
from tests.recordings_app.conftest import answers, link

pytestmark = pytest.mark.django_db


def send(client, **changes):
    return client.post("/sessions/sea-lanes/request-recording/", answers(**changes))


def test_request_goes_from_the_form_to_the_staff_queue(client, session, send_mail_now):
    response = send(client)

    assert response.status_code == 303
    request = RecordingRequest.objects.get()
    page = client.get(response["Location"]).content.decode()
    assert request.reference in page
    assert f'href="/sessions/sea-lanes/">{session.title}</a>' in page
    assert request.status == "unconfirmed"

    (first,) = send_mail_now()
    assert first.to == ["ada@reader.example"]
    for typed in ("Ada", "Reading Room", "ports"):
        assert typed not in first.subject + first.body
    assert f"- {session.title}" in first.body

    confirm = link(first.body, "confirm/")
    assert "Confirm" in client.get(confirm).content.decode()
    assert RecordingRequest.objects.get().status == "unconfirmed"

    response = client.post(confirm)

    request.refresh_from_db()
    assert (request.status, request.confirmed_at is not None) == ("open", True)
    _, to_requester, to_staff = send_mail_now()
    assert to_requester.to == ["ada@reader.example"]
    assert "A study of ports" in to_requester.body
    assert (to_staff.to, to_staff.reply_to) == (["archive@localhost"], ["ada@reader.example"])
    status = client.get(link(to_requester.body, ""))
    assert status.status_code == 200
    assert (status["Cache-Control"], status["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "Waiting for a decision" in status.content.decode()


def test_confirming_twice_sends_nothing_twice(client, session):
    send(client)
    token = RecordingRequest.objects.get().token(CONFIRM_LINK_PURPOSE)

    client.post(f"/requests/confirm/{token}/")
    client.post(f"/requests/confirm/{token}/")

    assert sorted(MailMessage.objects.values_list("kind", flat=True)) == [
        "request-confirm",
        "request-for-staff",
        "request-received",
    ]


def test_confirm_button_works_with_browser_headers(client, session):
    send(client)
    request = RecordingRequest.objects.get()
    client.handler.enforce_csrf_checks = True

    # Because of the page's referrer policy browsers hide the origin and send no Referer.
    response = client.post(
        f"/requests/confirm/{request.token(CONFIRM_LINK_PURPOSE)}/", headers={"Origin": "null"}
    )

    assert response.status_code == 303
    request.refresh_from_db()
    assert request.status == "open"


@pytest.mark.parametrize("path", ["/requests/{}/", "/requests/confirm/{}/"])
@pytest.mark.parametrize("token", ["1-" + "0" * 64, "x", "999999-abc", "1"])
def test_unknown_token_is_404(client, session, path, token):
    send(client)

    assert client.get(path.format(token)).status_code == 404


def test_tokens_are_not_stored_in_the_database(client, session, send_mail_now):
    send(client)
    request = RecordingRequest.objects.get()

    send_mail_now()

    stored = str(list(RecordingRequest.objects.values())) + str(list(MailMessage.objects.values()))
    for purpose in (CONFIRM_LINK_PURPOSE, STATUS_LINK_PURPOSE):
        assert request.token(purpose).partition("-")[2] not in stored


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "not an address"}, "email"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "x" * 5001}, "purpose"),
        ({"agree": ""}, "agree"),
        ({"session": []}, "session"),
        ({"session": ["sea-lanes", "unknown"]}, "session"),
        ({"session": ["\x00"]}, "session"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_error_is_shown_next_to_its_field_and_input_is_preserved(client, session, changes, field):
    response = send(client, **changes)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "Reading Room" in response.content.decode()
    assert not RecordingRequest.objects.exists()


def test_line_breaks_cannot_get_into_a_mail_header(client, session, send_mail_now):
    send(client, name="Ada\r\nBcc: all@victim.example")

    assert RecordingRequest.objects.get().name == "Ada Bcc: all@victim.example"


def test_robot_in_the_honeypot_is_thanked_and_ignored(client, session):
    response = send(client, homepage="https://spam.example")

    assert response.status_code == 303
    assert client.get(response["Location"]).status_code == 200
    assert not RecordingRequest.objects.exists()


def test_rate_limit_answers_429_and_preserves_the_input(client, session, settings):
    settings.RATE_LIMITS = "2/email,20/address"
    for _ in range(2):
        assert send(client).status_code == 303

    response = send(client)

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "A study of ports" in response.content.decode()
    assert "archive@localhost" in response.content.decode()
    assert RecordingRequest.objects.count() == 2


def test_rate_limit_ignores_a_forged_x_forwarded_for(client, session, settings):
    settings.RATE_LIMITS = "50/email,2/address"
    statuses = [
        client.post(
            "/sessions/sea-lanes/request-recording/",
            answers(email=f"a{number}@reader.example"),
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(3)
    ]

    assert statuses == [303, 303, 429]


def test_request_can_include_several_sessions(client, session):
    RecordingFactory(session__slug="other")

    page = client.get("/request-recordings/?session=sea-lanes&session=other&session=none")
    response = client.post("/request-recordings/", answers(session=["sea-lanes", "other"]))

    assert page.content.decode().count('type="checkbox"') == 3
    assert response.status_code == 303
    assert RequestedRecording.objects.count() == 2


def test_session_without_recording_cannot_be_requested(client, session):
    SessionFactory(slug="silent")

    assert client.get("/sessions/silent/request-recording/").status_code == 404


def test_request_is_open_at_once_if_confirmation_is_disabled(client, session, settings):
    settings.REQUEST_CONFIRMATION = False

    send(client)

    assert RecordingRequest.objects.get().status == "open"


def test_unconfirmed_requests_are_deleted_after_30_days(client, session):
    send(client)
    send(client, email="b@reader.example")
    old = RecordingRequest.objects.first()
    RecordingRequest.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timezone.timedelta(days=31)
    )

    assert purge_unconfirmed_requests() == 1
    assert list(RecordingRequest.objects.values_list("email", flat=True)) == ["b@reader.example"]
