"""The browser for browser tests: Chromium from the system."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the path in CHROMIUM, or the first program found; None if there is none."""
    given = os.environ.get("CHROMIUM")
    return next((path for path in map(shutil.which, filter(None, (given, *NAMES))) if path), None)


def press_and_see_close(popup, selector: str):
    """Press a button after which the pop-up closes itself.

    `click()` still uses the page after the button was pressed, and fails if it is closed.
    """
    with popup.expect_event("close"):
        popup.locator(selector).evaluate("button => { setTimeout(() => button.click()); }")
