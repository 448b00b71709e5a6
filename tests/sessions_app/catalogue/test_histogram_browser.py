"""The histogram of years in a real browser: a click selects a year, dragging a range of years."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.factories import SessionFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def bars(live_server, browser_page):
    for year in (2018, 2019, 2020, 2021):
        SessionFactory(title=f"Talk of {year}", held_on=date(year, 5, 1))
    browser_page.goto("/sessions/?q=talk&year=2018&year=2019&year=2020&year=2021&page=1")
    return lambda year: browser_page.locator(f".histogram a[data-value='{year}'] path")


def middle(bar):
    box = bar.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_drag_selects_the_range_of_years(browser_page, bars):
    browser_page.mouse.move(*middle(bars(2021)))
    browser_page.mouse.down()
    browser_page.mouse.move(*middle(bars(2020)), steps=3)
    browser_page.mouse.move(*middle(bars(2019)), steps=3)
    expect(browser_page.locator(".histogram .in-span")).to_have_count(3)
    browser_page.mouse.up()

    browser_page.wait_for_url("**/?q=talk&date_after=2019-01-01&date_before=2021-12-31")
    assert browser_page.locator("[data-total]").get_attribute("data-total") == "3"


def test_escape_ends_a_drag_without_leaving(browser_page, bars):
    before = browser_page.url
    browser_page.mouse.move(*middle(bars(2018)))
    browser_page.mouse.down()
    browser_page.mouse.move(*middle(bars(2020)), steps=3)
    browser_page.keyboard.press("Escape")
    expect(browser_page.locator(".histogram .in-span")).to_have_count(0)
    browser_page.mouse.move(0, 0)
    browser_page.mouse.up()

    assert browser_page.url == before


def test_click_selects_one_year(browser_page, bars):
    browser_page.goto("/sessions/")

    bars(2019).click()

    browser_page.wait_for_url("**/sessions/?year=2019")


def test_chart_is_one_tab_stop_with_arrow_keys(browser_page, bars):
    stops = browser_page.locator(".histogram a[tabindex='0']")
    assert stops.count() == 1

    stops.focus()
    browser_page.keyboard.press("Home")
    browser_page.keyboard.press("ArrowRight")
    browser_page.keyboard.press("ArrowLeft")
    assert browser_page.evaluate("document.activeElement.dataset.value") == "2018"
    browser_page.keyboard.press("End")

    assert browser_page.evaluate("document.activeElement.dataset.value") == "2021"
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.closest('.histogram')") is None
    assert stops.count() == 1
