"""Create the pictures of docs/design.md and README.md from a running site with the demonstration archive.

    make run                                   # in another terminal
    scripts/design_pictures.py http://127.0.0.1:8000

Needs Playwright (requirements-dev.txt) and Chromium; set CHROMIUM if it is not in the usual place.
"""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images"
HEIGHTS = {1280: 860, 768: 860, 375: 760}
# (name, URL, width, colour scheme, forced colours)
PICTURES = (
    ("front", "/", 1280, "light", False),
    ("front", "/", 768, "light", False),
    ("front", "/", 375, "dark", False),
    ("results", "/sessions/?q=cables&date_after=2018", 1280, "light", False),
    ("results", "/sessions/?q=cables&date_after=2018", 1280, "dark", False),
    ("results", "/sessions/?q=cables&date_after=2018", 375, "light", False),
    ("results", "/sessions/?q=cables&date_after=2018", 1280, "light", True),
    ("about", "/about/", 1280, "light", False),
)
QUALITY = 60


def main(base: str) -> None:
    TARGET.mkdir(exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, address, width, scheme, is_forced in PICTURES:
            context = browser.new_context(
                viewport={"width": width, "height": HEIGHTS[width]},
                color_scheme=scheme,
                forced_colors="active" if is_forced else "none",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto(base.rstrip("/") + address, wait_until="networkidle")
            page.evaluate("document.fonts.ready")
            path = TARGET / f"{name}-{width}-{'forced' if is_forced else scheme}.webp"
            with Image.open(io.BytesIO(page.screenshot())) as picture:
                picture.convert("RGB").save(path, quality=QUALITY, method=6)
            print(f"{path.name}: {path.stat().st_size:,} bytes")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
