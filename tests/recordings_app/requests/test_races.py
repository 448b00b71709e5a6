"""Concurrent requests: one decision, one grant, one mail."""

import pytest

from recordings_app.models import Grant, RecordingRequest
from recordings_app.requests import decisions
from recordings_app.requests.submission import confirm_request
from site_app.models import MailMessage
from tests.at_once import at_once
from tests.factories import RecordingFactory, RecordingRequestFactory

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8


def test_concurrent_decisions_create_one_grant():
    request = RecordingRequestFactory(recordings=[RecordingFactory(with_audio=True)])
    keys = [row.pk for row in request.requested_recordings.all()]

    outcomes = at_once(
        AT_ONCE, lambda: decisions.approve_requests(keys, user=None, days=14, plays=5)
    )

    assert sorted(each.granted for each in outcomes) == [0] * (AT_ONCE - 1) + [1]
    assert (Grant.objects.count(), MailMessage.objects.count()) == (1, 1)


def test_delayed_link_is_mailed_once():
    request = RecordingRequestFactory(recordings=[RecordingFactory()])
    keys = [row.pk for row in request.requested_recordings.all()]
    decisions.approve_requests(keys, user=None, days=14, plays=5)
    audio = RecordingFactory.build(with_audio=True)
    recording = request.recordings.get()
    for name in ("file", "media_type", "sha256", "duration_seconds", "byte_count"):
        setattr(recording, name, getattr(audio, name))
    recording.save()

    granted = at_once(AT_ONCE, decisions.grant_approvals_with_audio)

    assert (sum(granted), Grant.objects.count()) == (1, 1)
    assert MailMessage.objects.filter(kind="request-approved").count() == 1


def test_concurrent_confirmations_send_one_mail():
    request = RecordingRequestFactory(status="unconfirmed", confirmed_at=None)

    opened = at_once(AT_ONCE, lambda: confirm_request(RecordingRequest.objects.get(pk=request.pk)))

    assert opened.count(True) == 1
    assert sorted(MailMessage.objects.values_list("kind", flat=True)) == [
        "request-for-staff",
        "request-received",
    ]
