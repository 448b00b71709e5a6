"""Fixtures of the whole suite. Files, index and mail of a run lie in a folder of their own."""

import os

import pytest
from django.core.cache import cache

from search_app import room
from site_app.mail import send_due


@pytest.fixture(autouse=True)
def clean_places(settings, tmp_path):
    """Give each test its own folders, and no page kept by another."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_ROOT = tmp_path / "private"
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private", "base_url": None},
        },
    }
    settings.ALLOWED_HOSTS = ["*"]
    settings.INDEX_DIR = None  # in memory, renewed at once
    room.reset()
    cache.clear()


@pytest.fixture
def send_mail_now(mailoutbox):
    """Run the mail queue once, as the worker would; return everything that arrived so far."""

    def run():
        send_due()
        return mailoutbox

    return run


@pytest.fixture
def browser_page(live_server):
    """A Chromium page on the live site; console errors and CSP reports fail the test."""
    from playwright.sync_api import sync_playwright  # only browser tests need it installed

    problems = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(base_url=live_server.url)
        page.on(
            "console", lambda said: problems.append(said.text) if said.type == "error" else None
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        browser.close()
    assert problems == []


def pytest_configure(config):
    # Playwright's synchronous interface runs an event loop, which Django takes for async code.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
