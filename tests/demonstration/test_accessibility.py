"""Every kind of page, and its states, checked by axe in each colour scheme and width."""

import pytest

from tests.axe import violations
from tests.demonstration.kinds import PAGES, address_of, records

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORMS = {  # submitted empty
    "request": "{requestable}request-recording/",
    "lost link": "/requests/",
    "contact": "/contact/",
    "comment": "{session}comment/",
}


@pytest.fixture(scope="module")
def shown(site_url):
    return records()


@pytest.mark.parametrize("kind", PAGES)
def test_page_has_no_axe_violations(open_browser_page, shown, kind):
    page = open_browser_page()
    page.expected_problems.append("status of 404")
    page.goto(address_of(PAGES[kind], shown))

    found = violations(page)

    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", FORMS)
def test_form_with_errors_has_no_axe_violations_and_gets_the_focus(browser_page, shown, kind):
    browser_page.goto(address_of(FORMS[kind], shown))
    browser_page.evaluate(
        "document.querySelectorAll('details').forEach(part => { part.open = true; })"
    )
    browser_page.locator("main form[method=post] button.button").last.click()
    browser_page.wait_for_selector("[aria-invalid]")

    found = violations(browser_page)

    assert not found, "\n".join(found)
    assert browser_page.title().startswith("Error: ")
