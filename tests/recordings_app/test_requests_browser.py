"""A reader's way in a real browser: what a test client forgives, a browser may not."""

import re

import pytest

from recordings_app.models import RecordingRequest
from site_app.mail import send_due
from tests.factories import RecordingFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_recording_is_requested_and_the_address_confirmed(browser_page, mailoutbox):
    RecordingFactory(session__title="Sea lanes", session__slug="sea-lanes")

    browser_page.goto("/sessions/sea-lanes/")
    browser_page.click("text=Request the recording")
    for name, value in (("name", "Ada Reader"), ("email", "ada@reader.example")):
        browser_page.fill(f"[name={name}]", value)
    browser_page.fill("[name=purpose]", "A study of ports")
    browser_page.check("[name=agree]")
    browser_page.click("main form .button")
    browser_page.wait_for_url("**/requests/received/*/")
    send_due()
    link = re.search(r"/requests/confirm/\S+", mailoutbox[0].body)[0]
    browser_page.goto(link)
    browser_page.click("main form .button")
    browser_page.wait_for_url(re.compile(r"/requests/\d+-[0-9a-f]+/$"))

    assert RecordingRequest.objects.get().status == RecordingRequest.Status.OPEN
