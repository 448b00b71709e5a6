"""The evidence pack in a real browser: selecting, counting, ordering, sharing, saving."""

import pytest

from tests.factories import RecommendationFactory, SessionFactory

pytestmark = pytest.mark.browser

STORED = "localStorage.getItem('evidence-pack')"


@pytest.fixture
def sessions(live_server):
    for slug in ("rivers", "ports", "canals"):
        session = SessionFactory(title=slug.title(), slug=slug)
        RecommendationFactory(session=session, text=f"Dredge the {slug}")


def toggle(page, slug):
    return page.locator(f"article[data-session={slug}] [form=pack]")


def open_pack_of(page, *keys, notes=()):
    """Save a pack in this browser and open its page."""
    query = "&".join(f"item={key}" for key in keys) + "".join(f"&note={note}" for note in notes)
    page.goto("/help/search/")
    page.evaluate("query => localStorage.setItem('evidence-pack', query)", query)
    page.goto("/pack/")
    page.wait_for_url("**/pack/?*")
    page.locator(".pack-move").first.wait_for()


def order(page, place):
    return page.eval_on_selector_all(place, "rows => rows.map(row => row.dataset.item)")


def test_adding_an_item_counts_announces_and_persists(browser_page, sessions):
    browser_page.goto("/sessions/")
    assert browser_page.locator(".site-nav li:has([data-pack-count])").inner_text() == "Pack"

    toggle(browser_page, "rivers").click()
    toggle(browser_page, "ports").focus()
    browser_page.keyboard.press("Enter")

    assert toggle(browser_page, "ports").get_attribute("aria-pressed") == "true"
    browser_page.locator("[role=status] >> text=Added to pack, 2 items").wait_for(state="attached")
    assert toggle(browser_page, "rivers").get_attribute("aria-label") == "In pack: Rivers"
    browser_page.goto("/recommendations/rivers-1/")
    browser_page.locator("main [form=pack]").first.click()
    assert browser_page.locator(".site-nav li:has([data-pack-count])").inner_text() == "Pack (3)"

    browser_page.goto("/sessions/")
    toggle(browser_page, "rivers").click()

    assert toggle(browser_page, "rivers").inner_text() == "Add to pack"
    assert browser_page.locator(".site-nav li:has([data-pack-count])").inner_text() == "Pack (2)"
    browser_page.locator(".site-nav li:has([data-pack-count])").click()
    browser_page.wait_for_url("**/pack/?item=session:ports&item=recommendation:rivers-1")
    assert order(browser_page, ".pack-items li[data-item]") == [
        "session:ports",
        "recommendation:rivers-1",
    ]


def test_a_double_click_adds_once(browser_page, sessions):
    browser_page.goto("/sessions/")

    toggle(browser_page, "rivers").dblclick()

    assert toggle(browser_page, "rivers").inner_text() == "In pack"
    assert browser_page.locator("[data-pack-count]").inner_text() == " (1)"


def test_reordering_and_notes_update_url_references_and_storage(browser_page, sessions):
    page = browser_page
    open_pack_of(page, "session:rivers", "session:ports", "session:canals")

    page.get_by_role("button", name="Up: Canals").click()
    page.get_by_role("button", name="Down: Rivers").click()
    page.locator("[data-item='session:ports'] textarea").fill("deep & wide")
    page.locator("[data-item='session:ports'] textarea").blur()

    expected = (
        "item=session:canals&note=&item=session:rivers&note=&item=session:ports&note=deep+%26+wide"
    )
    page.wait_for_url(f"**/pack/?{expected}")
    assert page.evaluate(STORED) == expected
    assert page.locator("#pack-address").input_value().endswith(f"/pack/?{expected}")
    assert page.locator("[data-pack-link]").first.get_attribute("href").endswith(f"?{expected}")
    assert order(page, ".references li") == ["session:canals", "session:rivers", "session:ports"]
    assert page.evaluate("document.activeElement.tagName") in ("BODY", "TEXTAREA")

    page.get_by_role("button", name="Up: Rivers").click()
    # "Up" is disabled at the top
    assert page.evaluate("document.activeElement.textContent") == "Down"
    page.get_by_role("button", name="Remove: Canals").click()
    page.reload()
    assert order(page, ".pack-items li[data-item]") == ["session:rivers", "session:ports"]
    assert page.locator("[data-item='session:ports'] textarea").input_value() == "deep & wide"


def test_viewing_keeps_items_that_are_missing_now(browser_page, sessions):
    query = "item=session:rivers&note=&item=session:gone&note=mine"
    browser_page.goto("/help/search/")
    browser_page.evaluate("query => localStorage.setItem('evidence-pack', query)", query)

    browser_page.goto("/pack/")

    browser_page.locator("text=session:gone. Note: mine").wait_for()
    assert browser_page.evaluate(STORED) == query
    browser_page.get_by_role("button", name="Empty my pack").wait_for()


def test_going_back_shows_the_current_pack(browser_page, sessions):
    page = browser_page
    open_pack_of(page, "session:rivers")
    page.goto("/sessions/ports/")
    page.locator("main [form=pack]").first.click()

    page.go_back()

    page.wait_for_url("**/pack/?item=session:rivers&item=session:ports")


def test_shared_pack_does_not_silently_replace_the_own_pack(browser_page, sessions):
    page = browser_page
    shared = "/pack/?item=session:canals&note=theirs"
    page.goto(shared)
    assert page.evaluate(STORED) is None
    open_pack_of(page, "session:rivers", notes=("mine",))

    page.goto(shared)
    page.locator("textarea").fill("changed")
    page.locator("textarea").blur()
    assert page.evaluate(STORED) == "item=session:rivers&note=mine"

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Keep as my pack").click()
    assert page.evaluate(STORED) == "item=session:rivers&note=mine"

    page.get_by_role("button", name="Add to my pack").click()
    page.wait_for_url("**/pack/?item=session:rivers&note=mine&item=session:canals&note=changed")

    page.goto(shared)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Keep as my pack").click()
    assert page.evaluate(STORED) == "item=session:canals&note=theirs"


def test_first_shared_pack_is_stored_only_on_request(browser_page, sessions):
    browser_page.goto("/pack/?item=session:canals")
    browser_page.get_by_role("button", name="Keep as my pack").click()

    assert browser_page.evaluate(STORED) == "item=session:canals"
    assert browser_page.locator(".site-nav li:has([data-pack-count])").inner_text() == "Pack (1)"


def test_address_can_be_copied(browser_page, sessions, live_server):
    browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    browser_page.goto("/pack/?item=session:canals")

    browser_page.get_by_role("button", name="Copy address").click()

    browser_page.locator("[role=status] >> text=Address copied").wait_for(state="attached")
    copied = browser_page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/pack/?item=session:canals")


def test_reference_style_is_stored_with_the_pack(browser_page, sessions):
    open_pack_of(browser_page, "session:rivers")

    browser_page.locator("#pack-style").select_option("ieee")

    browser_page.wait_for_url("**/pack/?style=ieee&item=session:rivers")
    browser_page.locator(".references >> text=Available:").wait_for()
    assert browser_page.evaluate(STORED) == "style=ieee&item=session:rivers"


def test_emptying_the_pack_shows_the_explanation(browser_page, sessions):
    open_pack_of(browser_page, "session:rivers")

    browser_page.once("dialog", lambda dialog: dialog.accept())
    browser_page.get_by_role("button", name="Empty my pack").click()

    browser_page.locator("text=There is nothing in this pack yet").wait_for()
    assert browser_page.evaluate(STORED) is None


def test_without_storage_the_buttons_link_to_a_pack(browser_page, sessions):
    browser_page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no') } })"
    )
    browser_page.goto("/sessions/")

    toggle(browser_page, "rivers").click()

    browser_page.wait_for_url("**/pack/?item=session*rivers")
    assert browser_page.locator(".pack-items > li").count() == 1
    assert browser_page.get_by_role("button", name="Keep as my pack").count() == 0
