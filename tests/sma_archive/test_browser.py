"""The pages of the site in a real browser: none violates the CSP or causes a script error."""

import pytest

from tests.factories import AppearanceFactory, DocumentFactory, RecommendationFactory

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/sessions/",
    "/sessions/?q=session",
    "/sessions/example/",
    "/recommendations/",
    "/recommendations/example-1/",
    "/speakers/",
    "/organisations/",
    "/topics/",
    "/series/",
    "/regions/",
    "/compare/",
    "/compare/?item=session:example&item=recommendation:example-1&by=year",
    "/pack/",
    "/pack/?item=session:example&note=mine&item=recommendation:example-1",
    "/about/",
    "/contact/",
    "/help/search/",
    "/api/docs/",
    "/admin/login/",
    "/admin/forgotten-password/",
]


@pytest.fixture
def example(live_server):
    appearance = AppearanceFactory(session__slug="example")
    RecommendationFactory(session=appearance.session)
    DocumentFactory(session=appearance.session)


@pytest.mark.parametrize("address", PAGES)
def test_page_loads_without_csp_reports(browser_page, example, address):
    response = browser_page.goto(address, wait_until="networkidle")

    assert response.status == 200
    assert browser_page.title()


def test_page_reports_csp_violations(browser_page, example):
    forbidden = "Content Security Policy"
    browser_page.expected_problems.append(forbidden)
    browser_page.goto("/")

    with browser_page.expect_console_message(lambda said: forbidden in said.text):
        browser_page.evaluate("document.body.append(document.createElement('style'))")
        browser_page.evaluate("document.body.lastChild.textContent = 'body { color: red }'")

    assert any(forbidden in problem for problem in browser_page.problems)
