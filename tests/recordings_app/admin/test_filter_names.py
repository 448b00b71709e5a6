import pytest
from django.urls import reverse

from recordings_app.models import AccessLog
from tests.factories import RecordingFactory

pytestmark = pytest.mark.django_db


def test_filters_of_recordings_have_unique_names(admin_client):
    RecordingFactory()

    response = admin_client.get(reverse("admin:recordings_app_recording_changelist"))

    titles = [spec.title for spec in response.context["cl"].filter_specs]
    assert titles == ["access to the audio", "audio", "access to the transcript"]


def test_access_log_names_staff(admin_client):
    AccessLog.objects.create(recording=RecordingFactory(), what=AccessLog.What.STAFF)

    page = admin_client.get(reverse("admin:recordings_app_accesslog_changelist")).content.decode()

    assert '<td class="field-request_or_staff">staff</td>' in page
