"""Merging in a real browser: two records of one person merged, searched for, and undone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from sessions_app.editing import history
from sessions_app.models import Session
from sessions_app.worklists.duplicate_people_check import find_all_duplicates
from speakers_app.models import Speaker
from tests.chromium import press_and_see_close
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    SessionFactory,
    SpeakerFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser_page, enter_as):
    enter_as(browser_page, UserFactory(group="Publishers"))
    return browser_page


@pytest.fixture
def pair():
    """Samuel Bendett with 18 sessions, S. Bendett with 13; one of them is the same."""
    keep = SpeakerFactory(given_name="Samuel", family_name="Bendett", slug="samuel-bendett")
    other = SpeakerFactory(given_name="S.", family_name="Bendett", slug="s-bendett")
    appearances = AppearanceFactory.create_batch(18, speaker=keep)
    appearances += AppearanceFactory.create_batch(12, speaker=other)
    appearances.append(AppearanceFactory(speaker=other, session=appearances[0].session))
    for appearance in appearances:
        RecommendationFactory(session=appearance.session).made_by.add(appearance)
    find_all_duplicates()
    return keep, other


def total(page, address):
    page.goto(address)
    return int(page.locator("[data-total]").first.inner_text())


def test_listed_pair_is_merged_searched_for_and_undone(page, pair):
    keep, other = pair
    of = reverse("sessions:list") + "?speaker="
    before = total(page, f"{of}samuel-bendett"), total(page, f"{of}s-bendett")

    page.goto(reverse("worklists:index"))
    page.click("[data-count=alike-speakers]")
    page.wait_for_url(f"**{reverse('worklists:worklist', args=['alike-speakers'])}")
    page.click(".worklist-items a >> nth=0")
    page.click("[name=preview]")
    page.wait_for_selector(".merge-outcome")
    preview = page.locator(".merge-outcome").inner_text()
    page.click("[name=confirm]")
    page.wait_for_selector(".messagelist .success")
    record = page.locator(".messagelist a >> nth=1").get_attribute("href")

    after = total(page, f"{of}samuel-bendett"), total(page, f"{of}s-bendett")
    searched = total(page, reverse("sessions:list") + "?q=speaker:bendett")
    redirected = page.goto(reverse("sessions:speaker", args=["s-bendett"]))
    shown = page.locator("h1").inner_text()
    comments = [
        each.revision.comment for each in history.versions_of_session(other_session(other))
    ]

    assert (before, after, searched) == ((18, 13), (30, 30), 30)
    assert "13 appearances" in preview and "1 of them duplicates one" in preview
    assert redirected.request.redirected_from is not None
    assert page.url.endswith(keep.get_absolute_url()) and shown == "Samuel Bendett"
    assert comments[0] == "Merged: S. Bendett into Samuel Bendett."

    page.goto(record)
    page.click(".merge-confirm")
    page.wait_for_selector(".messagelist .success")
    undone = total(page, f"{of}samuel-bendett"), total(page, f"{of}s-bendett")
    assert undone == before
    assert page.goto(reverse("sessions:speaker", args=["s-bendett"])).status == 200
    assert page.url.endswith(other.get_absolute_url())


def other_session(other):
    """The last of the sessions that moved: it has no other speaker."""
    return Session.objects.order_by("-pk").values_list("pk", flat=True)[0]


def test_all_lines_can_be_selected_at_once(page):
    SessionFactory.create_batch(3, held_on=None)
    page.goto(reverse("worklists:worklist", args=["no-date"]))
    page.check("[data-all] input")
    told = page.locator("[data-ticked]").inner_text()
    page.fill("[name=day]", "2019-11-15")
    page.click("button[value=day]")
    page.wait_for_selector(".worklist-empty")

    assert told == "3 selected"
    assert {str(each.held_on) for each in Session.objects.all()} == {"2019-11-15"}


def test_duplicate_is_reported_while_typing_and_used_from_the_pop_up(page, pair):
    keep, _other = pair
    page.goto(reverse("admin:sessions_app_session_add"))
    with page.expect_popup() as opened:
        page.click("#add_id_appearances-0-speaker")
    popup = opened.value
    popup.fill("#id_given_name", "Samuel")
    with popup.expect_response("**family_name=Bendett**"):
        popup.fill("#id_family_name", "Bendett")
    press_and_see_close(popup, f".alike-found button[value='{keep.pk}']")

    chosen = page.locator("#id_appearances-0-speaker option:checked")
    expect(chosen).to_have_text("Samuel Bendett")
    assert Speaker.objects.count() == 2


def test_worklist_pages_load_without_csp_reports(page, pair):
    keep, other = pair
    appearance = keep.appearances.first()
    own = "admin:speakers_app_speaker_"
    pages = [
        reverse("worklists:index"),
        reverse("worklists:worklist", args=["alike-speakers"]),
        reverse("worklists:worklist", args=["dead-links"]),
        reverse("admin:desk_app_mergerecord_changelist"),
        f"{reverse(f'{own}merge')}?id={keep.pk}&id={other.pk}",
        reverse(f"{own}split", args=[keep.pk]),
        reverse(f"{own}add"),
        reverse("admin:speakers_app_organisation_change", args=[appearance.organisation_id]),
    ]

    loaded = {address: page.goto(address, wait_until="networkidle").status for address in pages}

    assert loaded == dict.fromkeys(pages, 200)
