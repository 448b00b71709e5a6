from datetime import timedelta

import pytest
from django.utils import timezone

from recordings_app.models import (
    AccessLog,
    Grant,
    RecordingRequest,
    RequestedRecording,
    RequestSettings,
)
from recordings_app.requests.decisions import approve_requests, decline_requests, extend_grant
from recordings_app.requests.reminders import queue_reminder_to_staff
from recordings_app.requests.retention import (
    anonymise_old_requests,
    purge_unconfirmed_requests,
    remove_staff_names_from_access_log,
)
from site_app.models import MailMessage
from tests.factories import RecordingFactory, RecordingRequestFactory, UserFactory
from tests.recordings_app.conftest import rows_of, status_page

pytestmark = pytest.mark.django_db


def grow_old(days):
    by = timedelta(days=days)
    for request in RecordingRequest.objects.exclude(confirmed_at=None):
        request.confirmed_at -= by
        request.created_at -= by
        request.save()
    for row in RequestedRecording.objects.exclude(decided_at=None):
        row.decided_at -= by
        row.save()
    for grant in Grant.objects.all():
        grant.created_at -= by
        grant.expires_at -= by
        grant.save()


def heard_request(**fields):
    request = RecordingRequestFactory(
        recordings=[RecordingFactory(with_audio=True)],
        organisation="Reading Room",
        staff_note="Known to us",
        **fields,
    )
    approve_requests(rows_of(request), user=None, days=14, plays=5, note="For Ada")
    return request


def test_ended_request_is_anonymised_and_still_counted(client):
    request = heard_request()
    Grant.objects.update(plays_used=3)
    grow_old(365 + 15)

    assert anonymise_old_requests() == 1
    assert anonymise_old_requests() == 0

    stored = [
        *RecordingRequest.objects.values(),
        *RequestedRecording.objects.values(),
        *Grant.objects.values(),
        *MailMessage.objects.values(),
    ]
    for told in ("Ada", "ada@", "Reading Room", "ports", "Known to us"):
        assert told not in str(stored)
    assert (Grant.objects.get().plays_used, RequestedRecording.objects.get().decision) == (
        3,
        "approved",
    )
    assert not extend_grant(Grant.objects.get(), days=7, plays=1)
    page = status_page(client, request)
    assert (page.status_code, "forgotten" in page.content.decode()) == (410, True)


@pytest.mark.parametrize("days", [10, 365 + 13])
def test_request_with_recently_ended_access_is_kept(days):
    heard_request()
    grow_old(days)

    assert anonymise_old_requests() == 0


def test_retention_time_is_a_setting():
    RequestSettings.objects.create(pk=1, kept_days=30)
    request = RecordingRequestFactory()
    decline_requests(rows_of(request), user=None)
    grow_old(29)
    early = anonymise_old_requests()
    grow_old(2)

    assert (early, anonymise_old_requests()) == (0, 1)


def test_open_and_waiting_requests_are_not_anonymised():
    RecordingRequestFactory()
    waiting = RecordingRequestFactory(email="b@reader.example")
    approve_requests(rows_of(waiting), user=None, days=1, plays=1)
    grow_old(1000)

    assert anonymise_old_requests() == 0


def test_unconfirmed_requests_are_deleted_with_their_mails():
    RecordingRequestFactory(
        status="unconfirmed",
        confirmed_at=None,
        created_at=timezone.now() - timedelta(days=31),
    )
    request = RecordingRequest.objects.get()
    MailMessage.objects.create(
        kind="request-confirm", recipient=request.email, about={"request": request.pk}
    )

    assert purge_unconfirmed_requests() == 1
    assert not MailMessage.objects.exists()


def test_staff_are_reminded_once_a_day_of_waiting_requests(send_mail_now):
    late = RecordingRequestFactory(confirmed_at=timezone.now() - timedelta(days=4))
    new = RecordingRequestFactory()

    assert [queue_reminder_to_staff(), queue_reminder_to_staff()] == [1, 0]

    (mail,) = send_mail_now()
    assert mail.to == ["archive@localhost"]
    assert (late.reference in mail.body, new.reference in mail.body) == (True, False)
    for told in ("Ada", "ada@", "ports"):
        assert told not in mail.body
    RequestSettings.objects.update(reminded_at=timezone.now() - timedelta(days=1, minutes=1))
    assert queue_reminder_to_staff() == 1


def test_reminder_about_decided_requests_is_not_sent(send_mail_now):
    late = RecordingRequestFactory(confirmed_at=timezone.now() - timedelta(days=4))
    queue_reminder_to_staff()
    decline_requests(rows_of(late), user=None)

    assert [mail.subject[:5] for mail in send_mail_now()] == ["About"]


@pytest.mark.parametrize("days", [0, 5])
def test_reminder_follows_the_settings(days):
    RequestSettings.objects.create(pk=1, reminder_days=days)
    RecordingRequestFactory(confirmed_at=timezone.now() - timedelta(days=4))

    assert queue_reminder_to_staff() == 0


def test_staff_names_in_the_access_log_expire_with_requests():
    RequestSettings.objects.create(pk=1, kept_days=30)
    user = UserFactory()
    for days in (29, 31):
        AccessLog.objects.create(
            recording=RecordingFactory(),
            what="staff",
            user=user,
            user_name="Ada Lovelace",
            at=timezone.now() - timedelta(days=days),
        )

    assert remove_staff_names_from_access_log() == 1
    assert remove_staff_names_from_access_log() == 0

    late, early = AccessLog.objects.order_by("-at")
    assert (late.user, late.by) == (user, "Ada Lovelace")
    assert (early.user, early.by, early.what) == (None, "staff", "staff")
