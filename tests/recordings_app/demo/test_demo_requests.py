import pytest
from django.core.management import call_command

from recordings_app.models import RecordingRequest, RequestedRecording
from recordings_app.requests.request_state import request_state_of
from site_app.models import MailMessage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_demonstration_has_requests_of_each_kind_and_sends_no_mail():
    for _ in range(2):
        call_command("seed_demo", verbosity=0)

    rows = RequestedRecording.objects.with_grants().order_by("pk")
    assert [request_state_of(row).state for row in rows] == [
        "declined",
        "running",
        "waiting",
        *["pending"] * 5,
    ]
    assert not MailMessage.objects.exists()

    call_command("seed_demo", remove=True)
    assert not RecordingRequest.objects.exists()
