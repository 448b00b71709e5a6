import re
from datetime import timedelta

import pytest
from django.utils import timezone

from recordings_app.models import Grant, Recording, RequestedRecording, RequestSettings
from recordings_app.requests import decisions
from recordings_app.requests.request_state import request_state_of
from site_app.models import MailMessage
from tests.factories import RecordingFactory, RecordingRequestFactory, UserFactory
from tests.recordings_app.conftest import rows_of, status_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory(group="Access officers")


def state(request):
    rows = RequestedRecording.objects.with_grants().filter(request=request)
    return [request_state_of(row).state for row in rows]


def approve(request, officer=None, days=14, plays=5, **more):
    return decisions.approve_requests(
        rows_of(request), user=officer, days=days, plays=plays, **more
    )


def test_approval_mails_a_link_that_is_not_stored_in_clear_text(heard, officer, send_mail_now):
    request = RecordingRequestFactory(recordings=[heard])
    before = timezone.now()

    outcome = approve(request, officer, note="Please do not quote.")

    assert (outcome.decided, outcome.granted, outcome.passed_over) == (1, 1, 0)
    grant = Grant.objects.get()
    assert grant.expires_at - before > timedelta(days=14)
    assert (grant.plays_allowed, grant.created_by) == (5, officer)
    request.refresh_from_db()
    assert (request.status, state(request)) == ("decided", ["running"])
    (mail,) = send_mail_now()
    assert mail.to == ["ada@reader.example"]
    assert mail.subject == f"Your request {request.reference} has been approved"
    for part in ("Dear Ada Reader", "Sea lanes", grant.url, "5 plays", "Please do not quote."):
        assert part in mail.body
    assert f'href="{grant.url}"' in mail.alternatives[0][0]
    stored = str(list(Grant.objects.values())) + str(list(MailMessage.objects.values()))
    assert grant.token.partition("-")[2] not in stored


def test_decline_mails_the_note_and_next_steps(heard, officer, send_mail_now, client):
    request = RecordingRequestFactory(recordings=[heard])

    decisions.decline_requests(rows_of(request), user=officer, note="The speaker does not agree.")

    (mail,) = send_mail_now()
    assert "The speaker does not agree." in mail.body
    assert request.status_url in mail.body
    page = status_page(client, request).content.decode()
    for part in ("Declined", "The speaker does not agree.", "ask again"):
        assert part in page


def test_each_recording_of_a_request_is_decided_separately(heard, officer, send_mail_now):
    other = RecordingFactory(session__title="Grain")
    request = RecordingRequestFactory(recordings=[heard, other])
    first, second = rows_of(request)

    decisions.approve_requests([first], user=officer, days=1, plays=1)
    request.refresh_from_db()
    half = request.status
    decisions.decline_requests([second], user=officer)

    request.refresh_from_db()
    assert (half, request.status, state(request)) == ("open", "decided", ["running", "declined"])
    approved, declined = send_mail_now()
    assert ("Grain" in approved.body, "Sea lanes" in declined.body) == (False, False)


def test_approval_without_audio_is_mailed_once_the_audio_is_attached(officer, send_mail_now):
    recording = RecordingFactory()
    request = RecordingRequestFactory(recordings=[recording])

    outcome = approve(request, officer, days=3, plays=2)

    assert (outcome.granted, outcome.waiting, state(request)) == (0, 1, ["waiting"])
    (mail,) = send_mail_now()
    assert "not available to play" in mail.body
    assert decisions.grant_approvals_with_audio() == 0
    audio = RecordingFactory.build(with_audio=True)
    for name in ("file", "media_type", "sha256", "duration_seconds", "byte_count"):
        setattr(recording, name, getattr(audio, name))
    recording.save()

    assert decisions.grant_approvals_with_audio() == 1
    assert decisions.grant_approvals_with_audio() == 0

    grant = Grant.objects.get()
    assert (grant.plays_allowed, grant.created_by) == (2, officer)
    assert grant.expires_at > timezone.now() + timedelta(days=2, hours=23)
    assert grant.url in send_mail_now()[-1].body


@pytest.mark.parametrize(
    "changes",
    [
        {"sealed_until": timezone.localdate() + timedelta(days=5)},
        {"access": "closed"},
        {"session__status": "withdrawn"},
    ],
)
def test_approval_waits_while_the_recording_is_sealed_or_closed(officer, changes):
    recording = RecordingFactory(with_audio=True, **changes)
    request = RecordingRequestFactory(recordings=[recording])

    assert approve(request, officer).waiting == 1
    assert decisions.grant_approvals_with_audio() == 0
    assert not Grant.objects.exists()


def test_second_decision_about_the_same_row_is_ignored(heard, officer, send_mail_now):
    request = RecordingRequestFactory(recordings=[heard])
    approve(request, officer)

    outcomes = [
        approve(request, officer),
        decisions.decline_requests(rows_of(request), user=officer),
    ]

    assert [(each.decided, each.passed_over) for each in outcomes] == [(0, 1), (0, 1)]
    assert (Grant.objects.count(), len(send_mail_now())) == (1, 1)


def test_unconfirmed_request_cannot_be_decided(heard, officer):
    request = RecordingRequestFactory(recordings=[heard], status="unconfirmed", confirmed_at=None)

    assert approve(request, officer).decided == 0


def test_declined_request_can_be_approved_later(heard, officer):
    request = RecordingRequestFactory(recordings=[heard])
    decisions.decline_requests(rows_of(request), user=officer)

    assert approve(request, officer).granted == 1
    assert state(request) == ["running"]


def test_renewed_approval_waits_if_the_audio_is_missing(heard, officer):
    request = RecordingRequestFactory(recordings=[heard])
    approve(request, officer)
    Grant.objects.update(expires_at=timezone.now())
    Recording.objects.update(access="closed")

    assert (state(request), approve(request, officer).waiting) == (["expired"], 1)
    assert state(request) == ["waiting"]


def test_revoked_access_is_mailed_and_explained(heard, officer, send_mail_now, client):
    request = RecordingRequestFactory(recordings=[heard])
    approve(request, officer)
    grant = Grant.objects.get()

    assert decisions.revoke_grant(grant, user=officer)
    assert not decisions.revoke_grant(grant, user=officer)

    assert [mail.subject for mail in send_mail_now()] == [
        # The mail with the link, not sent yet, is dropped.
        f"Your access has ended: {request.reference}"
    ]
    assert state(request) == ["revoked"]
    assert "revoked" in status_page(client, request).content.decode()
    assert client.get(grant.url.removeprefix("http://127.0.0.1:8000")).status_code == 410


def test_extension_adds_days_and_plays_to_the_same_link(heard, officer, send_mail_now):
    request = RecordingRequestFactory(recordings=[heard])
    approve(request, officer)
    expired = timezone.now() - timedelta(days=2)
    Grant.objects.update(expires_at=expired, plays_used=5)
    before = Grant.objects.get()
    assert state(request) == ["expired"]

    assert decisions.extend_grant(before, days=7, plays=2)

    grant = Grant.objects.get()
    assert grant.token == before.token
    assert grant.expires_at > timezone.now() + timedelta(days=6, hours=23)
    assert (grant.plays_allowed, state(request)) == (7, ["running"])
    assert grant.url in send_mail_now()[-1].body
    decisions.revoke_grant(grant, user=officer)
    assert not decisions.extend_grant(grant, days=7, plays=2)


def test_link_can_be_sent_again_unchanged(heard, officer, send_mail_now):
    approve(RecordingRequestFactory(recordings=[heard]), officer)
    grant = Grant.objects.get()

    assert decisions.resend_grant_link(grant)

    first, again = send_mail_now()
    assert re.findall(r"\S+/recordings/\S+", first.body) == re.findall(
        r"\S+/recordings/\S+", again.body
    )


def test_team_copy_contains_no_private_links(heard, officer, send_mail_now):
    RequestSettings.objects.create(pk=1, team_copy="team@archive.example", reply_to="r@a.example")
    request = RecordingRequestFactory(recordings=[heard])

    approve(request, officer)

    to_requester, copy = send_mail_now()
    assert (to_requester.to, copy.to) == (["ada@reader.example"], ["team@archive.example"])
    assert (to_requester.reply_to, copy.reply_to) == (["r@a.example"], ["r@a.example"])
    assert "Sea lanes" in copy.body
    assert "/recordings/" not in copy.body + copy.alternatives[0][0]
    assert "/requests/" not in copy.body + copy.alternatives[0][0]


def test_requester_can_cancel_an_undecided_request(client, heard):
    request = RecordingRequestFactory(recordings=[heard])
    strange = RecordingRequestFactory(email="bob@reader.example", recordings=[heard])
    page = f"/requests/{request.token('request-status')}/"

    client.get(page, {"withdraw": rows_of(request)[0]})
    client.post(page, {"withdraw": rows_of(strange)[0]})
    client.post(page, {"withdraw": "x"})
    untouched = state(request) + state(strange)
    client.post(page, {"withdraw": rows_of(request)[0]})

    request.refresh_from_db()
    assert untouched == ["pending", "pending"]
    assert (state(request), request.status) == (["withdrawn"], "decided")


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{recordings}"]
)
def test_names_are_escaped_in_mails_and_pages(client, heard, officer, send_mail_now, hostile):
    request = RecordingRequestFactory(
        recordings=[heard], name=hostile, organisation=hostile, purpose=hostile
    )
    approve(request, officer, note=hostile)

    (mail,) = send_mail_now()
    page = status_page(client, request).content.decode()

    assert f"Dear {hostile}" in mail.body
    for html in (mail.alternatives[0][0], page):
        assert "<script>alert" not in html
        assert "<img" not in html
    assert mail.body.count("Sea lanes") == 1
