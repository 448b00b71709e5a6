"""Fixtures for the whole suite. Files, index and mail of a run are in a separate folder."""

import gc
import os

import pytest
from django.test import Client, TransactionTestCase
from hypothesis import settings as hypothesis_settings

from site_app.mail.queue import send_due_mail
from tests.chromium import find_chromium
from tests.factories import UserFactory
from tests.flushing import quick_flush
from tests.migrated_database import keep, kept_database, start_from
from tests.parts import PARTS, of_part
from tests.places import own_places
from tests.waiting import PATIENCE

# The same examples on every run, so that a failure is due to a change; `HYPOTHESIS_PROFILE=search`
# looks for new ones, ten times as many.
hypothesis_settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis_settings.register_profile("search", max_examples=1000, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_addoption(parser):
    parser.addoption("--part", choices=PARTS, default="all", help="see tests/parts.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    chosen = of_part(items, config.getoption("--part"))
    kept = set(chosen)
    if left_out := [item for item in items if item not in kept]:
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen


def pytest_collection_finish():
    """Exclude modules, templates and tests, which exist until the end, from garbage collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(scope="session")
def kept_migrated(request, django_db_modify_db_settings):
    """Return the path of the cached migrated database, or None; --create-db discards it."""
    is_wanted = not request.config.getoption("create_db")
    cache = getattr(request.config, "cache", None)
    return kept_database(cache) if is_wanted else None


@pytest.fixture(scope="session")
def django_db_keepdb(request, kept_migrated):
    """Start with the database that an earlier run has migrated, if there is one."""
    return bool(kept_migrated and start_from(kept_migrated)) or request.config.getoption(
        "reuse_db"
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, kept_migrated):
    with django_db_blocker.unblock():
        if kept_migrated and not kept_migrated.exists():
            keep(kept_migrated)
        flush = quick_flush()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush)
        yield


@pytest.fixture(autouse=True)
def clean_places(tmp_path):
    """Give each test its own folders, and an empty page cache."""
    with own_places(tmp_path):
        yield


@pytest.fixture
def send_mail_now(mailoutbox):
    """Process the mail queue once, as the worker does; return everything sent so far."""

    def run():
        send_due_mail()
        return mailoutbox

    return run


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all browser tests; `make test` excludes them if there is none."""
    from playwright.sync_api import expect, sync_playwright  # needed only for browser tests

    # Playwright's synchronous API keeps an event loop running in this thread, which Django would
    # take for an async context.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE * 1000)  # milliseconds
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(),
            # Root in a container cannot use the sandbox; the tests load only pages of the archive.
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def site_url(live_server):
    return live_server.url


@pytest.fixture
def open_browser_page(site_url, browser):
    """Return a function: options of a browser context → a page on the live site, in a context of its own.

    Console errors, exceptions and CSP reports fail the test, including those of pop-ups;
    `page.problems` lists them. A test that causes some adds a part of each to
    `page.expected_problems`.
    """
    pages = []

    def open_page(**options):
        context = browser.new_context(base_url=site_url, **options)
        context.set_default_timeout(PATIENCE * 1000)  # milliseconds
        problems = []
        # Chromium reports CSP violations as console errors.
        context.on(
            "console", lambda said: problems.append(said.text) if said.type == "error" else None
        )
        context.on("weberror", lambda error: problems.append(str(error.error)))
        page = context.new_page()
        page.problems, page.expected_problems = problems, []
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    unexpected = [
        problem
        for page in pages
        for problem in page.problems
        if not any(part in problem for part in page.expected_problems)
    ]
    assert unexpected == []


@pytest.fixture
def browser_page(open_browser_page):
    return open_browser_page()


@pytest.fixture
def enter_as(site_url):
    """Return a function: a browser page, a user → its next page is loaded as that user.

    One test covers the login form; the others need no page that is still loading.
    """

    def enter(page, user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies["sessionid"]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site_url}])

    return enter


@pytest.fixture
def staff_client(client, db):
    """Return a function: name of a group → the client, logged in as a member of it."""

    def log_in(group):
        client.force_login(UserFactory(group=group))
        return client

    return log_in
