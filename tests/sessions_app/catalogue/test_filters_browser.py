"""The filters next to a list, in a real browser."""

import pytest
from playwright.sync_api import expect

from sessions_app.models import Session
from tests.factories import RecommendationFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.browser

BOX = "input[type=checkbox][name=series][value=water]"


@pytest.fixture
def sessions(live_server):
    for slug in ("water", "law"):
        SessionFactory(series=SeriesFactory(name=slug.title(), slug=slug))


def test_selecting_a_filter_shows_results_and_keeps_the_focus(browser_page, sessions):
    browser_page.goto("/sessions/")
    browser_page.locator("summary", has_text="Series").click()

    browser_page.locator(BOX).focus()
    browser_page.keyboard.press("Space")
    browser_page.wait_for_url("**series=water*")

    expect(browser_page.locator(BOX)).to_be_focused()
    expect(browser_page.locator("[data-total]").first).to_have_attribute("data-total", "1")


def test_filters_are_closed_on_a_narrow_screen_only(browser_page, sessions):
    browser_page.set_viewport_size({"width": 375, "height": 800})
    browser_page.goto("/sessions/")
    series = browser_page.locator("summary", has_text="Series")
    series.wait_for(state="hidden")

    browser_page.locator("summary", has_text="Filters").click()

    series.wait_for(state="visible")
    browser_page.set_viewport_size({"width": 1280, "height": 800})
    browser_page.locator("summary", has_text="Filters").wait_for(state="hidden")
    series.wait_for(state="visible")


def test_filters_with_an_error_stay_open_on_a_narrow_screen(browser_page, sessions):
    browser_page.set_viewport_size({"width": 375, "height": 800})

    browser_page.goto("/sessions/?date_after=tomorrow")

    browser_page.get_by_text("“tomorrow” is not a date.").first.wait_for(state="visible")


def test_search_box_of_the_list_has_suggestions(browser_page, sessions):
    browser_page.goto("/sessions/")

    browser_page.locator("#list-q").press_sequentially("wat")
    browser_page.locator("#list-q-suggestions [role=option]", has_text="Water").wait_for()
    browser_page.keyboard.press("ArrowDown")
    browser_page.keyboard.press("Enter")

    browser_page.wait_for_url("**/series/water/")


def test_back_restores_the_controls_of_the_url(browser_page, sessions):
    browser_page.goto("/sessions/?series=law")
    browser_page.locator(BOX).check()
    browser_page.wait_for_url("**series=water*")

    browser_page.go_back()
    browser_page.wait_for_url("**/sessions/?series=law")

    expect(browser_page.locator(BOX)).not_to_be_checked()
    expect(browser_page.locator(BOX.replace("water", "law"))).to_be_checked()


def test_back_restores_the_order(browser_page, sessions):
    browser_page.goto("/sessions/")
    browser_page.locator("#sort").select_option("title")
    browser_page.wait_for_url("**sort=title*")

    browser_page.go_back()
    browser_page.wait_for_url("**/sessions/")

    expect(browser_page.locator("#sort")).to_have_value("newest")


def test_applying_unchanged_filters_adds_no_history_entry(browser_page, sessions):
    browser_page.goto("/sessions/?series=law")
    length = browser_page.evaluate("history.length")

    browser_page.locator("#list-q").press("Enter")

    expect(browser_page.locator("[data-total]").first).to_have_attribute("data-total", "1")
    assert browser_page.url.endswith("/sessions/?series=law")
    assert browser_page.evaluate("history.length") == length


LIVE = "window.sameDocument = true"


def test_filters_and_pages_change_in_place_and_are_announced(browser_page, live_server):
    water = SeriesFactory(name="Water", slug="water")
    for number in range(25):
        SessionFactory(title=f"Talk {number:02}", series=water)
    SessionFactory(title="Other")
    browser_page.goto("/sessions/?per_page=10&sort=title")
    browser_page.evaluate(LIVE)
    browser_page.locator("summary", has_text="Series").click()

    browser_page.locator(BOX).check()
    browser_page.wait_for_url("**series=water*")
    said = browser_page.locator("body > [role=status]")
    expect(said).to_have_text("25 sessions page 1 of 3")
    expect(browser_page.locator("#facet-series")).to_have_attribute("open", "")
    assert browser_page.title().startswith("Sessions, Series: Water")

    browser_page.get_by_role("link", name="Page 2").click()
    browser_page.wait_for_url("**page=2*")
    expect(said).to_have_text("25 sessions page 2 of 3")
    expect(browser_page.locator("[data-result-heading]")).to_be_focused()
    expect(browser_page.locator("article[data-session] a").first).to_have_text("Talk 10")

    browser_page.go_back()
    browser_page.wait_for_url(lambda url: "page=2" not in url)
    expect(browser_page.locator("article[data-session] a").first).to_have_text("Talk 00")
    browser_page.go_back()
    browser_page.wait_for_url("**/sessions/?per_page=10&sort=title")
    expect(browser_page.locator(BOX)).not_to_be_checked()
    expect(browser_page.locator("[data-total]").first).to_have_attribute("data-total", "26")
    assert browser_page.evaluate("window.sameDocument") is True


def test_chips_and_search_words_update_in_place(browser_page, sessions):
    browser_page.goto("/sessions/?q=session&series=law")
    browser_page.evaluate(LIVE)

    browser_page.locator(".chip", has_text="Series: Law").click()
    browser_page.wait_for_url("**/sessions/?q=session")
    browser_page.locator("#list-q").fill("nothing-like-it")
    browser_page.locator("#list-q").press("Enter")
    browser_page.wait_for_url("**q=nothing-like-it*")

    expect(browser_page.locator("[data-total]").first).to_have_attribute("data-total", "0")
    browser_page.go_back()
    expect(browser_page.locator("#list-q")).to_have_value("session")
    assert browser_page.evaluate("window.sameDocument") is True


def test_words_typed_while_a_list_loads_are_searched_for(browser_page, sessions):
    browser_page.goto("/sessions/?q=session&series=law")
    browser_page.evaluate(
        """document.body.addEventListener("htmx:afterSwap", () => {
             const box = document.getElementById("list-q");
             box.focus();
             box.value = "nothing-like-it";
           }, { once: true })"""
    )

    browser_page.locator(".chip", has_text="Series: Law").click()
    browser_page.wait_for_url("**/sessions/?q=session")
    expect(browser_page.locator("#list-q")).to_have_value("nothing-like-it")
    browser_page.wait_for_timeout(100)  # the response has been processed
    browser_page.locator("#list-q").press("Enter")

    browser_page.wait_for_url("**q=nothing-like-it*")


def test_replaced_results_can_be_added_to_the_pack(browser_page, sessions):
    browser_page.goto("/sessions/")
    browser_page.locator("#sort").select_option("title")
    browser_page.wait_for_url("**sort=title*")

    browser_page.get_by_role("button", name="Add to pack").first.click()

    expect(browser_page.locator("[data-pack-count]")).to_have_text("(1)")


def test_date_applies_when_its_field_loses_the_focus(browser_page, sessions):
    browser_page.goto("/sessions/")

    browser_page.locator("#id_date_after").fill("2024")
    browser_page.locator("#id_date_before").focus()

    browser_page.wait_for_url("**date_after=2024*")
    expect(browser_page.locator("#id_date_before")).to_be_focused()
    expect(browser_page.get_by_role("button", name="Apply")).to_be_hidden()


def test_rest_of_the_page_gets_the_url_of_the_list(browser_page, sessions):
    browser_page.goto("/sessions/")
    browser_page.locator("summary", has_text="Series").click()
    addresses = """() => [
        ...[...document.querySelectorAll("head link[rel=alternate]")].map((link) => link.href),
        document.querySelector("[data-report]").href,
        document.querySelector(".language-switch [name=next]").value,
        document.querySelector("[data-address]").textContent,
    ]"""
    before = browser_page.evaluate(addresses)

    browser_page.locator(BOX).check()
    browser_page.wait_for_url("**series=water*")
    expect(browser_page.locator(BOX)).to_be_focused()
    in_place = browser_page.evaluate(addresses)
    browser_page.reload()

    assert in_place == browser_page.evaluate(addresses)
    assert in_place != before
    browser_page.goto("/sessions/")
    assert browser_page.evaluate(addresses) == before


def test_back_updates_the_rest_of_the_page(browser_page, sessions):
    browser_page.goto("/sessions/")
    browser_page.locator("#sort").select_option("title")
    browser_page.wait_for_url("**sort=title*")
    feed = browser_page.locator("head link[rel=alternate][type='application/atom+xml']")
    expect(feed).to_have_attribute("href", "/sessions/feed.atom?sort=title")

    browser_page.go_back()
    browser_page.wait_for_url("**/sessions/")

    expect(feed).to_have_attribute("href", "/sessions/feed.atom")


@pytest.fixture
def many_sessions(live_server):
    """Enough for a page that scrolls, whatever filters are selected."""
    for slug, count in (("water", 8), ("law", 30)):
        series = SeriesFactory(name=slug.title(), slug=slug)
        for number in range(count):
            SessionFactory(
                title=f"{slug.title()} {number}", series=series, held_on=f"{2000 + number}-05-01"
            )


def top_of(page, selector):
    return page.locator(selector).first.evaluate("place => place.getBoundingClientRect().top")


def scroll_to(page, selector, top):
    page.locator(selector).first.evaluate(
        """(place, top) =>
           scrollBy({ top: place.getBoundingClientRect().top - top, behavior: "instant" })""",
        top,
    )


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize(
    "path", ["/sessions/", "/recommendations/", "/recommendations/recurring/"]
)
def test_selected_checkbox_stays_at_its_place_on_the_screen(
    browser_page, many_sessions, width, path
):
    for session in Session.objects.filter(title__startswith="Water"):
        RecommendationFactory(session=session)
    RecommendationFactory(session=Session.objects.filter(title__startswith="Law").first())
    browser_page.set_viewport_size({"width": width, "height": 500})
    browser_page.goto(path)
    if width == 375:
        browser_page.locator("summary", has_text="Filters").click()
    browser_page.locator("summary", has_text="Series").click()
    scroll_to(browser_page, BOX, 60)
    before = top_of(browser_page, BOX)

    browser_page.locator(BOX).check()
    browser_page.wait_for_url("**series=water*")

    expect(browser_page.locator(BOX)).to_be_focused()
    assert top_of(browser_page, BOX) == pytest.approx(before, abs=1)
    browser_page.locator(BOX).uncheck()
    browser_page.wait_for_url(lambda url: "series" not in url)
    expect(browser_page.locator(BOX)).to_be_focused()
    assert top_of(browser_page, BOX) == pytest.approx(before, abs=1)


@pytest.mark.parametrize("width", [375, 1280])
def test_clearing_all_scrolls_to_the_results_heading(browser_page, many_sessions, width):
    browser_page.set_viewport_size({"width": width, "height": 300})
    browser_page.goto("/sessions/?series=water")
    if width == 375:
        browser_page.locator("summary", has_text="Filters").click()
    clear = "#filters p a:has-text('Clear all')"
    scroll_to(browser_page, clear, 100)

    browser_page.locator(clear).click()
    browser_page.wait_for_url("**/sessions/")

    heading = browser_page.locator("[data-result-heading]")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    expect(browser_page.locator("article[data-session]").first).to_be_attached()


def test_leaving_a_date_by_tab_keeps_the_next_control_focused(browser_page, sessions):
    browser_page.goto("/sessions/")
    topics = browser_page.locator("#facet-series > summary")
    browser_page.locator("#id_date_before").fill("2030")

    browser_page.keyboard.press("Tab")
    expect(topics).to_be_focused()
    browser_page.wait_for_url("**date_before=2030*")

    expect(browser_page.locator("#list")).not_to_have_attribute("aria-busy", "true")
    expect(topics).to_be_focused()


def test_searching_closes_the_suggestions(browser_page, sessions):
    browser_page.goto("/sessions/")
    box = browser_page.locator("#list-q")
    with browser_page.expect_response("**/suggest/?q=wat"):
        box.press_sequentially("wat")
    browser_page.locator("#list-q-suggestions [role=option]").first.wait_for()

    with browser_page.expect_response("**/suggest/?q=water"):
        box.press_sequentially("er")
        browser_page.wait_for_timeout(200)  # requested, but perhaps not answered yet
        box.press("Enter")
    browser_page.wait_for_url("**q=water*")

    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(browser_page.locator("#list-q-suggestions")).to_be_hidden()


def test_skip_link_leads_to_the_first_result(browser_page, many_sessions):
    browser_page.goto("/sessions/?sort=oldest&series=law")

    browser_page.get_by_role("link", name="To the 30 results").focus()
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")

    expect(browser_page.get_by_role("link", name="Law 0", exact=True)).to_be_focused()
