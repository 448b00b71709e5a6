"""Two browsers editing one record."""

import pytest
from django.urls import reverse

from tests.factories import SessionFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_second_browser_sees_both_versions(browser_page, open_browser_page, enter_as):
    session = SessionFactory(title="Ports and roads")
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    other = open_browser_page()
    for page, name in ((browser_page, "ada"), (other, "ben")):
        enter_as(page, UserFactory(username=name, group="Publishers"))
    browser_page.goto(address)
    other.goto(address)

    other.fill("#id_title", "Ports and railways")
    other.click("[name=_continue]")
    other.wait_for_selector(".success")

    browser_page.fill("#id_title", "Ports and rivers")
    browser_page.click("[name=_continue]")

    versions = browser_page.locator(".versions-differ")
    versions.wait_for()
    assert "ben changed it on" in browser_page.inner_text(".error-summary")
    assert versions.locator("del").inner_text() == "railways"
    assert versions.locator("ins").inner_text() == "rivers"
    assert browser_page.input_value("#id_title") == "Ports and rivers"

    browser_page.click("[name=_continue]")
    browser_page.wait_for_selector(".success")
    session.refresh_from_db()
    assert session.title == "Ports and rivers"
