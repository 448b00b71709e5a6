"""The browser of the browser tests: the system's own."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the program named in CHROMIUM, or the first one found; None if there is none."""
    given = os.environ.get("CHROMIUM")
    return next((path for path in map(shutil.which, filter(None, (given, *NAMES))) if path), None)


def press_and_see_close(popup, selector: str):
    """Press a button after which the pop-up closes itself.

    A click goes on looking at the page after the button was pressed, and fails if it is gone.
    """
    with popup.expect_event("close"):
        popup.locator(selector).evaluate("button => { setTimeout(() => button.click()); }")
