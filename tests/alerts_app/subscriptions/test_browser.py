import pytest

from alerts_app.models import Alert

pytestmark = pytest.mark.browser


def test_alert_is_requested_confirmed_and_stopped_by_buttons(browser_page, live_server):
    browser_page.goto("/sessions/?q=sea")
    browser_page.get_by_role("link", name="E-mail me new results").click()
    browser_page.get_by_label("E-mail address").fill("ada@reader.example")
    browser_page.get_by_role("button", name="E-mail me new results").click()
    browser_page.get_by_role("heading", name="Check your e-mail").wait_for()
    alert = Alert.objects.get()

    browser_page.goto(alert.manage_path)
    browser_page.get_by_role("button", name="Confirm").click()
    browser_page.get_by_text("Your alert is confirmed").wait_for()
    browser_page.get_by_label("A note to yourself").fill("Ports")
    browser_page.get_by_role("button", name="Save the changes").click()
    browser_page.get_by_text("Saved.").wait_for()
    browser_page.get_by_role("button", name="Stop this alert").click()
    browser_page.get_by_role("heading", name="This alert is stopped").wait_for()

    alert.refresh_from_db()
    assert (alert.status, alert.query, alert.email) == ("stopped", "q=sea", "")
