"""Paste a page in a browser: from the admin's index page to the page on the site."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from ingest_app.models import IncomingPage
from sessions_app.models import Session
from speakers_app.models import Speaker
from tests.factories import AppearanceFactory, SpeakerFactory, UserFactory
from tests.ingest_app.incoming import HTML_PAGE, PAGE, WINDS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASTE = """([text, html]) => {
  const box = document.activeElement;
  const clipboard = new DataTransfer();
  clipboard.setData("text/plain", text);
  if (html) clipboard.setData("text/html", html);
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true }));
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new InputEvent("input", { inputType: "insertFromPaste", bubbles: true }));
}"""
CONTRAST = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((c) => {
      const s = c / 255;
      return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!/, 0\\)$/.test(colour) && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = new Set();
  for (const element of document.querySelectorAll("#content *")) {
    const hasWords = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!hasWords || !element.offsetParent || element.closest("option")) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.add(`${element.tagName}.${element.className}: ${ratio.toFixed(1)}`);
  }
  return [...poor];
}"""


@pytest.fixture
def log_in(browser_page, enter_as):
    def as_member_of(group):
        enter_as(browser_page, UserFactory(group=group))
        browser_page.goto(reverse("admin:index"))
        return browser_page

    return as_member_of


def paste(page, text, html=""):
    page.goto(reverse("admin:ingest_app_incomingpage_add"))
    page.wait_for_selector("[name=text]:focus")
    page.evaluate(PASTE, [text, html])


def read(page):
    page.click("text=Read the page")
    page.wait_for_selector("[data-review]")
    page.wait_for_load_state()  # the script for the form is loaded


def test_page_is_published_with_three_clicks(log_in):
    page = log_in("Publishers")

    page.click("text=Import a page")
    page.wait_for_url("**/incomingpage/add/")
    page.wait_for_selector("[name=text]:focus")
    page.evaluate(PASTE, [PAGE, ""])
    page.click("text=Read the page")
    page.click("text=Save and publish >> nth=0")

    page.wait_for_selector(".incoming-saved")
    page.click("text=See it on the site >> nth=-1")
    expect(page.locator("h1")).to_have_text("Tides of Trade")
    assert Session.objects.get().status == Session.Status.PUBLISHED


def test_field_and_source_position_highlight_each_other(log_in):
    page = log_in("Editors")
    paste(page, PAGE)
    read(page)

    page.focus("[name=speakers-1-affiliation]")
    expect(page.locator("mark.is-current")).to_have_text("Director, Coast Desk")
    page.click("mark[data-origin=date]")
    expect(page.locator("[name=page-held_on]")).to_be_focused()
    page.click("a.origin-link[href='#o-recommendation-1']")
    expect(page.locator("mark.is-current")).to_have_text("wait")


def test_changed_name_is_matched_at_once(log_in):
    tom = SpeakerFactory(family_name="Grier", given_name="Tom")
    AppearanceFactory(speaker=tom, organisation__name="Coast Desk")
    page = log_in("Editors")
    paste(page, WINDS)
    read(page)

    page.fill("[name=speakers-0-family]", "Grier")
    page.focus("[name=speakers-0-role]")
    page.wait_for_selector(f"input[name=speakers-0-who][value='{tom.pk}']:checked")
    page.click("text=Save as a draft >> nth=0")

    page.wait_for_selector(".incoming-saved")
    winds = Session.objects.get(title="Winds")
    assert [each.speaker for each in winds.appearances.all()] == [tom]
    assert Speaker.objects.count() == 1


def test_input_is_restored_after_the_window_was_closed(log_in):
    page = log_in("Editors")
    paste(page, WINDS)
    read(page)
    address = page.url

    with page.expect_response(lambda response: response.url.endswith("/keep/")):
        page.fill("[name=page-title]", "Half typed")
    page.goto("about:blank")
    page.goto(address)

    assert page.input_value("[name=page-title]") == "Half typed"


def test_links_of_a_copied_page_keep_their_urls(log_in):
    page = log_in("Editors")

    paste(page, "Waves", HTML_PAGE)
    page.wait_for_selector("text=1 link kept with their addresses")
    read(page)

    assert page.input_value("[name=links-0-url]") == "https://example.org/waves.pdf"


def test_html_page_runs_no_script_and_loads_nothing(log_in, live_server):
    page = log_in("Editors")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    paste(page, HTML_PAGE.replace("<h1>", "<h1 onclick='parent.x()'><script>alert(1)</script>"))
    read(page)

    page.check("#incoming-view-frame")
    frame = page.frame_locator("iframe")
    assert frame.locator("mark.of-speaker").inner_text() == "Haddad, L."
    page.focus("[name=page-held_on]")
    frame.locator("mark:has(:target)").wait_for()

    assert frame.locator("mark:has(:target)").inner_text() == "7 May 2020"
    assert frame.locator("script, img, [onclick]").count() == 0
    assert all(address.startswith(live_server.url) for address in asked)
    assert page.title().startswith("Import a page")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 375])
def test_text_is_readable_and_nothing_overflows(log_in, scheme, width):
    SpeakerFactory(family_name="Greer", given_name="Thomas")
    page = log_in("Publishers")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    paste(page, PAGE)
    assert page.evaluate(CONTRAST) == []
    read(page)

    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    unnamed = """() => [...document.querySelectorAll("#content :is(input:not([type=hidden]), select, textarea)")]
      .filter((each) => !each.labels?.length && each.offsetParent && !each.closest(".select2"))
      .map((each) => each.name)"""
    assert page.evaluate(unnamed) == []


def test_everything_works_without_javascript(open_browser_page, enter_as):
    page = open_browser_page(java_script_enabled=False)
    enter_as(page, UserFactory(group="Editors"))
    page.goto(reverse("admin:index"))
    page.click("text=Import a page")
    page.fill("[name=text]", PAGE)
    page.click("text=Read the page")
    page.click("text=Add a link")
    page.fill("[name=links-2-url]", "https://example.org/more")
    page.click("a.origin-link[href='#o-speaker-0']")
    page.click("text=Save for review >> nth=0")
    page.wait_for_selector(".incoming-saved")

    session = Session.objects.get()
    assert session.status == Session.Status.IN_REVIEW
    assert session.documents.filter(url="https://example.org/more").exists()
    assert IncomingPage.objects.get().state == "saved"
