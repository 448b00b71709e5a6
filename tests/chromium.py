"""The browser of the browser tests: the system's own."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the program named in CHROMIUM, or the first one found; None if there is none."""
    given = os.environ.get("CHROMIUM")
    return next((path for path in map(shutil.which, filter(None, (given, *NAMES))) if path), None)
