"""Mailed links after a change of the site's secret key."""

import pytest

from recordings_app.models import RecordingRequest
from recordings_app.models.requests import STATUS_LINK_PURPOSE
from site_app.forms.tokens import record_of_token
from tests.factories import RecordingRequestFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("fallbacks", "opens"), [(["old" * 20], True), ([], False)])
def test_link_signed_with_a_fallback_key_is_valid(settings, fallbacks, opens):
    request = RecordingRequestFactory()
    settings.SECRET_KEY = "old" * 20
    token = request.token(STATUS_LINK_PURPOSE)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, fallbacks

    record = record_of_token(token, STATUS_LINK_PURPOSE, RecordingRequest.objects.all())

    assert (record == request) is opens
    assert request.token(STATUS_LINK_PURPOSE) != token
