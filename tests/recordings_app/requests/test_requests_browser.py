"""The whole process in a real browser, which is stricter than the test client."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from recordings_app.models import Grant
from site_app.mail.queue import send_due_mail
from tests.factories import RecordingFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def link(mail, part):
    """The path of a link in a mail: it starts with SITE_URL, but the live server has another address."""
    return re.search(rf"/{part}/\S+", mail.body)[0]


def test_recording_is_requested_approved_and_revoked(browser_page, mailoutbox, enter_as):
    page = browser_page
    RecordingFactory(session__title="Sea lanes", session__slug="sea-lanes", with_audio=True)

    page.goto("/sessions/sea-lanes/")
    page.click("text=Request the recording")
    page.wait_for_url("**/request-recording/")
    for name, value in (("name", "Ada Reader"), ("email", "ada@reader.example")):
        page.fill(f"[name={name}]", value)
    page.fill("[name=purpose]", "A study of ports")
    page.check("[name=agree]")
    page.click("main form .button")
    page.wait_for_url("**/requests/received/*/")
    send_due_mail()
    page.goto(link(mailoutbox[0], "requests/confirm"))
    page.click("main form .button")
    page.wait_for_url(re.compile(r"/requests/\d+-[0-9a-f]+/$"))
    status = page.url.partition("?")[0]
    assert "Waiting for a decision" in page.inner_text("main")

    enter_as(page, UserFactory(group="Access officers"))
    page.goto(reverse("admin:recordings_app_recordingrequest_changelist"))
    page.click("text=Decide >> visible=true")
    page.click("[name=approve]")
    page.wait_for_selector(".messagelist .success")
    send_due_mail()
    page.goto(link(mailoutbox[-1], "recordings"))
    assert "Sea lanes" in page.inner_text("h1")
    page.goto(status)
    assert "Ready to play" in page.inner_text("main")

    page.goto("/request-recordings/?session=sea-lanes")
    assert page.input_value("[name=name]") == "Ada Reader"
    assert "You have already asked for the following" in page.inner_text("main")

    page.goto(reverse("admin:recordings_app_recordingrequest_changelist"))
    page.click(".field-reference_and_requester a")
    page.wait_for_url("**/change/")
    page.click("text=Revoke")
    page.wait_for_selector(".messagelist .success")
    page.goto(status)

    assert "revoked" in page.inner_text("main")
    assert Grant.objects.get().revoked_at is not None


def test_mail_text_is_previewed_and_saved(browser_page, enter_as):
    enter_as(browser_page, UserFactory(group="Access officers"))
    browser_page.goto(reverse("admin:site_app_mailtext_change", args=["request-declined"]))
    browser_page.fill("[name=body]", "Dear {name}, sorry:\n\n{recordings}")

    browser_page.click("[name=_preview]")
    expect(browser_page.locator(".mail-html")).to_contain_text("Dear Ada Reader, sorry:")
    browser_page.click("[name=_save]")
    browser_page.wait_for_selector(".messagelist .success")

    assert "Your own" in browser_page.inner_text("#content-main")
