"""No input is lost and no error is hidden, in a real browser."""

import re

import pytest
from django.contrib.sessions.models import Session as Login
from django.urls import reverse
from playwright.sync_api import expect

from sessions_app.models import Session
from tests.chromium import press_and_see_close
from tests.factories import PDF, SessionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = reverse("admin:sessions_app_session_add")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_input_is_restored_when_the_login_has_expired(
    open_browser_page, enter_as, publisher, has_script
):
    page = open_browser_page(java_script_enabled=has_script)
    page.expected_problems.append("403")
    enter_as(page, publisher)
    page.goto(ADD)
    page.fill("#id_title", "Typed before the login ended")
    page.fill("#id_internal_note", "First line\nsecond “line”")
    Login.objects.all().delete()

    page.locator("[name=_save]").first.click()
    expect(page.locator("#content")).to_contain_text("Your login has ended")
    page.fill("#id_username", "ada")
    page.fill("#id_password", "correct horse")
    page.click("#login-form [type=submit]")
    if not has_script:
        page.click("text=Go on with what I entered")

    expect(page.locator("#id_title")).to_have_value("Typed before the login ended")
    expect(page.locator("#id_internal_note")).to_have_value("First line\nsecond “line”")
    assert not Session.objects.exists()
    page.locator("[name=_save]").first.click()
    page.wait_for_url("**/sessions_app/session/")
    assert Session.objects.get().internal_note.split("\n")[0].strip() == "First line"


def test_leaving_with_changes_warns_and_saving_does_not(browser_page, enter_as, publisher):
    session = SessionFactory(title="Before", status="draft")
    enter_as(browser_page, publisher)
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    browser_page.on("dialog", stay)
    address = reverse("admin:sessions_app_session_change", args=[session.pk])
    browser_page.goto(address)
    browser_page.fill("#id_title", "After")
    browser_page.click(".breadcrumbs a >> nth=0")
    expect(browser_page.locator("#id_title")).to_have_value("After")
    assert asked == ["beforeunload"]

    browser_page.locator("[name=_save]").first.click()
    browser_page.wait_for_url("**/sessions_app/session/")
    browser_page.goto(address)
    browser_page.click(".breadcrumbs a >> nth=0")
    browser_page.wait_for_url("**/admin/")
    assert asked == ["beforeunload"]


def test_errors_link_to_fields_and_the_chosen_file_is_kept(browser_page, enter_as, publisher):
    enter_as(browser_page, publisher)
    browser_page.goto(ADD)
    browser_page.fill("#id_title", "With a report")
    browser_page.click("summary:has-text('More about the session')")
    browser_page.fill("#id_time_zone", "EST5")
    browser_page.click("#appearances-group .add-row a")
    browser_page.fill("#id_appearances-0-role_title", "Analyst")
    browser_page.click("#documents-group .add-row a")
    browser_page.fill("#id_documents-0-title", "Report")
    browser_page.set_input_files(
        "#id_documents-0-file",
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": PDF},
    )

    browser_page.locator("[name=_save]").first.click()

    summary = browser_page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(browser_page.locator("#documents-group")).to_contain_text("report.pdf (kept")
    summary.get_by_role("link", name="Time zone").click()
    expect(browser_page.locator("#id_time_zone")).to_be_focused()
    summary.get_by_role("link", name="Speaker 1").click()
    expect(browser_page.locator("#appearances-0 .select2-selection").first).to_be_focused()
    browser_page.fill("#id_time_zone", "Europe/Paris")
    browser_page.click("#appearances-0 .inline-deletelink")
    browser_page.locator("[name=_save]").first.click()
    browser_page.wait_for_url("**/sessions_app/session/")
    assert Session.objects.get().documents.get().file.read() == PDF


def test_missing_name_can_be_added_from_the_select(browser_page, enter_as, publisher):
    enter_as(browser_page, publisher)
    browser_page.goto(ADD)
    browser_page.fill("#id_title", "A session")
    browser_page.click(".field-series .select2-selection")
    browser_page.fill(".select2-container--open .select2-search__field", "Quiet rivers")

    with browser_page.expect_popup() as opened:
        browser_page.click("text=Add “Quiet rivers”")
    expect(opened.value.locator("#id_name")).to_have_value("Quiet rivers")
    press_and_see_close(opened.value, "[name=_save]")

    expect(browser_page.locator(".field-series .select2-selection")).to_contain_text(
        "Quiet rivers"
    )


@pytest.mark.parametrize("width", [1280, 375])
def test_sticky_bar_does_not_cover_link_targets(open_browser_page, enter_as, publisher, width):
    session = SessionFactory(title="x" * 480, status="draft")
    page = open_browser_page(viewport={"width": width, "height": 800})
    enter_as(page, publisher)
    page.goto(reverse("admin:sessions_app_session_change", args=[session.pk]))
    bar = page.locator(".edit-bar")

    page.locator(".edit-bar-sections a", has_text="Documents").click()
    page.wait_for_function("window.scrollY > 300")

    box = bar.bounding_box()
    assert -1 <= box["y"] <= 1
    heading = page.locator("#documents-heading").bounding_box()
    assert heading["y"] >= box["y"] + box["height"] - 1
    if width == 1280:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar.get_by_role("button", name="Publish").click()
    page.wait_for_url(re.compile("/sessions_app/session/(#.*)?$"))
    assert Session.objects.get().is_public
