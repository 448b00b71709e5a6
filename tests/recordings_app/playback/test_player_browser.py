"""Playing and uploading in a real browser: a minute of a tone and its transcript."""

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from recordings_app.audio import uploads
from recordings_app.models import AccessLog, Grant, Recording, RecordingUpload
from tests.factories import GrantFactory, RecordingFactory, TranscriptFactory, UserFactory
from tests.sound import tone
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECONDS = 60
CUES = [
    (
        start * 1000,
        start * 1000 + 9000,
        "Dr. Abara" if start < 30 else "Moderator",
        f"Line of second {start}.",
    )
    for start in range(0, SECONDS, 10)
]
PAGE = "/sessions/sea-lanes/recordings/1/"


def talk(**values):
    audio = tone(SECONDS)
    recording = RecordingFactory(
        has_audio=True,
        session__title="Sea lanes",
        session__slug="sea-lanes",
        chapters="0:00 Opening\n0:30 Questions",
        file=ContentFile(audio, name="x.wav"),
        duration_seconds=float(SECONDS),
        byte_count=len(audio),
        peaks=[round(abs(50 - place / 6)) for place in range(600)],
        **values,
    )
    TranscriptFactory(recording=recording, cues=CUES)
    return recording


def position(page):
    return page.evaluate("document.querySelector('audio').currentTime")


def wait_for(page, is_there):
    """Wait until the player's position satisfies `is_there`; the CSP forbids waiting in the page."""
    arrived = eventually(
        lambda: is_there(position(page)), lambda seconds: page.wait_for_timeout(seconds * 1000)
    )
    assert arrived, f"The player stands at {position(page)}."


def test_player_plays_seeks_and_follows_the_transcript(browser_page):
    talk(access="open")
    browser_page.goto(PAGE)

    browser_page.click("[data-play]")
    expect(browser_page.locator("[data-play]")).to_have_text("Pause")
    wait_for(browser_page, lambda at: at > 0.1)
    # Sixteen times slower, or a line could be over before a busy machine has checked it.
    browser_page.evaluate("document.querySelector('audio').playbackRate = 1 / 16")
    browser_page.click("text=Opening")
    expect(browser_page.locator(".spoken")).to_contain_text("Line of second 0.")

    browser_page.click("text=Line of second 40.")
    expect(browser_page.locator(".spoken")).to_contain_text("Line of second 40.")
    assert 40 <= position(browser_page) < 45

    browser_page.click("text=Questions")
    wait_for(browser_page, lambda at: 30 <= at < 35)
    assert browser_page.url.endswith("#t=30")
    expect(browser_page.locator("[data-at][aria-current]")).to_contain_text("Questions")


def test_keys_work_while_the_focus_is_inside(browser_page):
    talk(access="open")
    browser_page.goto(f"{PAGE}#t=20")
    wait_for(browser_page, lambda at: int(at) == 20)

    browser_page.keyboard.press("l")
    assert round(position(browser_page)) == 20
    browser_page.locator("[data-seek]").focus()
    for key, seconds in (("ArrowRight", 25), ("ArrowLeft", 20), ("l", 50), ("j", 35), ("p", 30)):
        browser_page.keyboard.press(key)
        wait_for(browser_page, lambda at, wanted=seconds: int(at + 0.5) == wanted)
    browser_page.keyboard.press(".")
    assert browser_page.evaluate("document.querySelector('audio').playbackRate") == 1.25
    expect(browser_page.locator("[data-seek]")).to_have_attribute(
        "aria-valuetext", "30 seconds of 1 minute 0 seconds"
    )
    browser_page.keyboard.press(" ")
    expect(browser_page.locator("[data-play]")).to_have_text("Pause")


def test_position_is_copied_as_a_citation(browser_page):
    talk(access="open")
    browser_page.goto(f"{PAGE}#t=42")
    wait_for(browser_page, lambda at: int(at) == 42)

    browser_page.click("[data-cite-moment]")
    expect(browser_page.locator("[data-reference]")).to_contain_text("at 0:42")
    browser_page.select_option("[data-style]", "mla")
    expect(browser_page.locator("[data-reference]")).to_contain_text("“Sea lanes.”")
    assert browser_page.locator("[data-moment-link]").get_attribute("href") == "#t=42"


def test_narrow_page_does_not_scroll_horizontally(browser_page):
    talk(access="open")
    browser_page.set_viewport_size({"width": 375, "height": 800})

    browser_page.goto(PAGE)
    expect(browser_page.locator("[data-controls]")).to_be_visible()

    assert browser_page.evaluate("document.documentElement.scrollWidth") == 375


def test_granted_recording_is_played_from_terms_to_the_end_of_the_link(browser_page):
    grant = GrantFactory(recording=talk(access="on_request"), plays_allowed=2)
    path = f"/recordings/{grant.token}/"
    browser_page.expected_problems.append("410")
    browser_page.goto(path)

    browser_page.click("text=Accept and listen")
    browser_page.click("[data-play]")
    wait_for(browser_page, lambda at: at > 0.2)
    browser_page.click("text=Line of second 50.")
    wait_for(browser_page, lambda at: at >= 50)
    browser_page.reload()
    grant.refresh_from_db()
    assert grant.plays_used == 1
    assert "1 of 2" in browser_page.inner_text(".notice")
    assert AccessLog.objects.filter(grant=grant, what="audio").exists()

    Grant.objects.update(expires_at=grant.created_at)
    # Chromium plays a short file from its buffer; another URL makes it send a new request.
    browser_page.evaluate("document.querySelector('audio').src += '?again'")
    expect(browser_page.locator("[data-message]")).to_contain_text("This link has ended")
    browser_page.reload()
    expect(browser_page.locator("h1")).to_have_text("This link has expired")


def test_audio_is_uploaded_over_an_interrupted_connection(browser_page, enter_as, tmp_path):
    recording = RecordingFactory()
    audio = tone(SECONDS) + bytes(8 * 1024 * 1024)  # data after the samples does no harm
    path = tmp_path / "talk.wav"
    path.write_bytes(audio)
    broken = []

    def break_the_second(route):
        if route.request.method == "PATCH" and len(broken) < 2:
            broken.append(route.request.headers["upload-offset"])
            if len(broken) == 2:
                return route.abort()
        return route.continue_()

    browser_page.expected_problems.append("ERR_FAILED")
    enter_as(browser_page, UserFactory(group="Access officers"))
    browser_page.route("**/upload/*", break_the_second)
    browser_page.goto(f"/admin/recordings_app/recording/{recording.pk}/change/")
    browser_page.set_input_files("[name=audio]", path)
    expect(browser_page.locator(".audio-upload p")).to_contain_text("the archive checks it")
    uploads.attach_received_uploads()
    expect(browser_page.locator(".field-audio_facts code")).to_be_visible()

    recording = Recording.objects.get()
    assert recording.byte_count == len(audio)
    with recording.file.open() as stored:
        assert stored.read() == audio
    assert broken == ["0", "4194304"]
    assert RecordingUpload.objects.get().state == "done"


def test_url_of_a_position_highlights_the_line_that_begins_in_that_second(browser_page):
    talk(access="open")
    TranscriptFactory._meta.model.objects.all().delete()
    TranscriptFactory(
        recording=Recording.objects.get(),
        cues=[(24_000, 34_700, "A", "The line before."), (34_700, 39_000, "B", "The line meant.")],
    )

    browser_page.goto(f"{PAGE}#t=34")

    expect(browser_page.locator(".spoken")).to_contain_text("The line meant.")


def test_search_in_the_transcript_scrolls_to_the_first_hit(browser_page):
    recording = talk(access="open")
    recording.transcript.delete()
    lines = [(start * 1000, start * 1000 + 900, "", f"Line {start}.") for start in range(60)]
    lines[50] = (50_000, 50_900, "", "The needle.")
    TranscriptFactory(recording=recording, cues=lines)
    browser_page.set_viewport_size({"width": 1280, "height": 700})
    browser_page.goto(PAGE)

    browser_page.get_by_label("Find in the transcript").fill("needle")
    browser_page.get_by_role("button", name="Find").click()
    browser_page.wait_for_url("**q=needle**")

    expect(browser_page.locator("[data-lines] mark")).to_be_in_viewport()
