"""Printed pages: URL, date and demonstration notice on every page, and no controls."""

import pytest
from playwright.sync_api import expect

from tests.factories import RecommendationFactory, SessionFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_printed_session_has_its_url_and_no_controls(browser_page):
    session = SessionFactory(slug="tides", summary="<p>They argued.</p>")
    RecommendationFactory(session=session)
    browser_page.goto("/sessions/tides/")
    browser_page.emulate_media(media="print")

    address = browser_page.locator(".printed-address")
    expect(address).to_be_visible()
    expect(address).to_contain_text("/sessions/tides/ · ")
    # A table footer is repeated on every page.
    expect(browser_page.locator(".site-footer")).to_have_css("display", "table-footer-group")
    expect(browser_page.locator("main").get_by_role("button")).to_have_count(0)
    expect(browser_page.get_by_role("link", name="Write a comment")).to_be_hidden()
    expect(browser_page.locator(".cite__reference").first).to_be_visible()


def test_references_are_tabs_with_keyboard_control(browser_page):
    SessionFactory(slug="tides", title="Tides")
    browser_page.goto("/sessions/tides/")
    tabs = browser_page.get_by_role("tab")
    expect(tabs).to_have_text(["APA", "Chicago", "MLA", "IEEE"])
    expect(browser_page.locator("#cite-apa i")).to_have_text("Tides")

    tabs.first.focus()
    browser_page.keyboard.press("ArrowRight")

    expect(tabs.nth(1)).to_be_focused()
    expect(browser_page.locator("#cite-chicago")).to_be_visible()
    expect(browser_page.locator("#cite-apa")).to_be_hidden()


def test_without_javascript_every_style_is_shown(open_browser_page):
    SessionFactory(slug="tides")
    page = open_browser_page(java_script_enabled=False)
    page.goto("/sessions/tides/")
    for style in ("apa", "chicago", "mla", "ieee"):
        expect(page.locator(f"#cite-{style}")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
