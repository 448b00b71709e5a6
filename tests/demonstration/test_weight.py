"""The size of everything a reader loads, for every kind of page, before compression."""

import posixpath
import re

import pytest
import rcssmin
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from sma_archive.configuration.static_storage import StyleSheets
from tests.demonstration.conftest import SESSIONS
from tests.demonstration.kinds import PAGES, address_of, records
from tests.places import one_archive

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MAX_HTML_BYTES, MAX_STYLE_BYTES, MAX_SCRIPT_BYTES = 60_000, 30_000, 40_000
# For the pages that are read most, in every language; other pages grow with the query.
MAX_LIST_BYTES, MAX_CARD_BYTES = 54_000, 1_500
LISTS = ("sessions", "results", "recommendations", "speaker", "organisation", "topic", "series")
STYLE = re.compile(r'<link rel="stylesheet" href="/static/([^"]+)"')
SCRIPT = re.compile(r'<script type="module" src="/static/([^"]+)"')
IMPORTED = re.compile(r'(?:from|import)\s*"(\.[^"]+)"')
# Loaded by a script only where they are needed.
LATER = {"/pack/": ["js/pack_page.js"]}


@pytest.fixture(scope="module", autouse=True)
def shown(clean_places, django_db_setup, django_db_blocker):
    with one_archive(django_db_blocker):
        call_command("seed_demo", sessions=SESSIONS, verbosity=0)
        yield records()


@pytest.fixture(scope="module")
def static_files():
    return {
        path: (storage, path)
        for finder in get_finders()
        for path, storage in finder.list(None)
        if path.startswith(("css/", "js/"))
    }


def text_of(static_files, name):
    storage, path = static_files[name]
    with storage.open(path) as file:
        return file.read().decode()


def with_imports(static_files, names) -> set[str]:
    """Return the scripts and everything they import."""
    known, to_read = set(), list(names)
    while to_read:
        name = to_read.pop()
        if name not in known:
            known.add(name)
            folder = posixpath.dirname(name)
            to_read += [
                posixpath.normpath(posixpath.join(folder, part))
                for part in IMPORTED.findall(text_of(static_files, name))
            ]
    return known


@pytest.mark.parametrize("kind", PAGES)
def test_page_is_within_its_size_limits(client, shown, static_files, kind):
    address = address_of(PAGES[kind], shown)
    html = client.get(address).content.decode()
    sheets = STYLE.findall(html)
    scripts = SCRIPT.findall(html) + LATER.get(address.partition("?")[0], [])

    styles = [rcssmin.cssmin(StyleSheets(static_files).joined(name)) for name in sheets]
    modules = [text_of(static_files, name) for name in with_imports(static_files, scripts)]

    assert sheets and scripts
    assert len(html.encode()) <= MAX_HTML_BYTES
    assert sum(len(style.encode()) for style in styles) <= MAX_STYLE_BYTES
    assert sum(len(module.encode()) for module in modules) <= MAX_SCRIPT_BYTES


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("kind", LISTS)
def test_list_is_within_its_size_limits_in_every_language(client, shown, kind, language):
    address = address_of(PAGES[kind], shown)
    html = client.get(address, headers={"Accept-Language": language}).content

    assert len(html) <= MAX_LIST_BYTES


@pytest.mark.parametrize("address", ["/sessions/", "/recommendations/"])
def test_larger_page_grows_only_by_its_cards(client, shown, address):
    small, large = (client.get(f"{address}?per_page={size}").content for size in (10, 100))
    further = large.count(b"<article") - small.count(b"<article")

    assert further >= 10
    assert len(large) - len(small) <= MAX_CARD_BYTES * further
