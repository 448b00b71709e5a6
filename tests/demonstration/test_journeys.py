"""From a search to a request, as different readers do it: by mouse, by keyboard, on small screens."""

import subprocess

import pytest
from django.conf import settings

from recordings_app.models import Recording
from site_app.models import MailMessage
from tests.programs import find, needs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

READERS = {
    "by mouse": {},
    "without scripts": {"java_script_enabled": False},
    "320 pixels wide": {"viewport": {"width": 320, "height": 640}},
    "zoomed to 200 %": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "in French": {"locale": "fr-CA"},
    "in French, 320 pixels wide": {"locale": "fr", "viewport": {"width": 320, "height": 640}},
}
MAX_STOPS = 200  # presses of Tab on one page


@pytest.fixture(scope="module")
def wanted(site_url):
    """A session with a recording that can be requested."""
    recording = Recording.objects.requestable().exclude(session__topics=None).first()
    return recording.session


def uncover(part):
    """Open the closed elements around a control, as a reader would."""
    closed = part.page.locator("details:not([open])", has=part).locator("> summary:visible")
    while closed.count():
        closed.first.click()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("reader", READERS)
def test_reader_searches_filters_reads_cites_and_requests(open_browser_page, wanted, reader):
    page = open_browser_page(**READERS[reader])
    topic = wanted.topics.first()
    language = "fr" if "French" in reader else "en-GB"

    def looks_right():
        assert fits(page)
        assert page.get_attribute("html", "lang") == language

    page.goto("/")
    looks_right()
    words = page.locator("form[role=search] input[name=q]:visible").first
    words.fill(wanted.title)
    words.press("Enter")
    page.wait_for_url("**/sessions/?q=*")
    looks_right()

    box = page.locator(f"input[name=topic][value='{topic.slug}']")
    uncover(box)
    box.click()
    if reader == "without scripts":
        page.locator("form:has(input[name=topic]) button:not([name])").last.click()
    page.wait_for_url(f"**topic={topic.slug}*")
    looks_right()

    page.locator(f"main a[href='{wanted.get_absolute_url()}']").first.click()
    page.wait_for_url(f"**{wanted.get_absolute_url()}*")
    looks_right()
    assert wanted.title in page.inner_text("#cite")
    with page.expect_download() as download:
        page.click("#cite a[href$='.ris']")
    assert wanted.title in download.value.path().read_text()

    page.click("a[href$='/request-recording/']")
    page.wait_for_url("**/request-recording/")
    looks_right()
    for name, value in (("name", "Ada Reader"), ("email", f"{len(reader)}@reader.example")):
        page.fill(f"[name={name}]", value)
    page.fill("[name=purpose]", "A study of ports")
    page.check("[name=agree]")
    page.click("main form[method=post] button.button")
    page.wait_for_url("**/requests/received/*/")
    looks_right()
    mail = MailMessage.objects.latest("pk")
    assert mail.recipient == f"{len(reader)}@reader.example"
    assert mail.language == language.lower()


def tab_to(page, selector):
    """Press Tab until the element that matches the selector has the focus; fail if it never does."""
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not reach {selector}")


def test_reader_does_the_same_by_keyboard(browser_page, wanted):
    page, press = browser_page, browser_page.keyboard.press
    topic = wanted.topics.first()
    box = f"input[name=topic][value='{topic.slug}']"

    page.goto("/")
    press("Tab")
    assert page.evaluate("document.activeElement.matches('a.skip')")
    press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.goto("/sessions/")
    tab_to(page, "input[name=q]")
    page.keyboard.type(wanted.title)
    press("Enter")
    page.wait_for_url("**/sessions/?q=*")

    if not page.is_visible(box):
        tab_to(page, f"details:has({box}):not(:has(details {box})) > summary")
        press("Enter")
    tab_to(page, box)
    press("Space")
    page.wait_for_url(f"**topic={topic.slug}*")
    page.wait_for_function("box => document.activeElement.matches(box)", arg=box)
    tab_to(page, f"main a[href='{wanted.get_absolute_url()}']")
    press("Enter")
    page.wait_for_url(f"**{wanted.get_absolute_url()}*")

    tab_to(page, "#cite a[href$='.ris']")
    with page.expect_download() as download:
        press("Enter")
    assert wanted.title in download.value.path().read_text()
    page.reload()
    tab_to(page, "a[href$='/request-recording/']")
    press("Enter")
    page.wait_for_url("**/request-recording/")
    for name, value in (("name", "Ada"), ("email", "ada@reader.example"), ("purpose", "Ports")):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(value)
    tab_to(page, "[name=agree]")
    press("Space")
    tab_to(page, "main form[method=post] button.button")
    press("Enter")
    page.wait_for_url("**/requests/received/*/")


def test_choice_of_french_is_remembered(browser_page, wanted):
    page = browser_page
    page.goto("/contact/")
    english = page.inner_text("a.skip")

    page.locator(".language-switch button[lang=fr]:visible").first.click()
    page.wait_for_selector("html[lang=fr]")
    assert page.url.endswith("/contact/")
    assert page.inner_text("a.skip") != english

    page.goto(wanted.get_absolute_url())
    assert page.get_attribute("html", "lang") == "fr"
    assert page.get_attribute("h1", "lang") in (None, wanted.language)
    page.locator(".language-switch button[lang^=en]:visible").first.click()
    page.wait_for_selector("html[lang^=en]")
    assert page.url.endswith(wanted.get_absolute_url())


REACHED = """() => [...document.querySelectorAll(".site-nav a")].every((link) => {
  const { left, right, width } = link.getBoundingClientRect();
  return link.checkVisibility() && width > 0 && left >= 0 && right <= innerWidth;
})"""


@pytest.mark.parametrize("language", ["en-GB", "fr"])
@pytest.mark.parametrize("width", [320, 375, 768, 1024, 1280])
def test_every_navigation_link_is_visible(open_browser_page, site_url, width, language):
    page = open_browser_page(locale=language, viewport={"width": width, "height": 640})
    page.goto("/about/")
    assert page.is_visible(".site-nav [aria-current=page]")
    assert page.is_visible(".site-nav a[href='/pack/']")

    menu = page.locator(".site-nav summary")
    assert menu.is_visible() == (width < 992)
    if menu.is_visible():
        menu.click()

    assert page.evaluate(REACHED)
    assert fits(page)


@needs("pdftotext")
def test_printed_session_has_url_and_date(browser_page, wanted):
    browser_page.goto(wanted.get_absolute_url())

    printed = subprocess.run(
        [find("pdftotext"), "-layout", "-", "-"],
        input=browser_page.pdf(format="A4"),
        capture_output=True,
        check=True,
    ).stdout.decode()

    text = " ".join(printed.split())
    assert wanted.title.split(":")[0] in text
    assert f"{settings.SITE_URL}{wanted.get_absolute_url()}" in text.replace(" ", "")
    assert f"{wanted.held_on:%-d %B %Y}" in text
    assert "Skip to content" not in text
