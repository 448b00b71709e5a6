import re

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finder
from django.core.management import call_command

from sma_archive.configuration.static_storage import ArchiveStaticFilesStorage

MAX_SITE_CSS_BYTES = 30_000  # before compression, including the style sheet of one kind of page


@pytest.fixture
def storage(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {
            "BACKEND": "sma_archive.configuration.static_storage.ArchiveStaticFilesStorage"
        }
    }
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    get_finder.cache_clear()
    yield ArchiveStaticFilesStorage
    get_finder.cache_clear()


def collected(storage, name):
    """Collect the static files and return the content that a page gets for `name`."""
    call_command("collectstatic", interactive=False, verbosity=0)
    kept = storage()
    return (settings.STATIC_ROOT / kept.stored_name(name)).read_text()


def source(settings, tmp_path, **files):
    folder = tmp_path / "source"
    (folder / "css" / "parts").mkdir(parents=True)
    for name, text in files.items():
        (folder / "css" / (name.replace("__", "/") + ".css")).write_text(text)
    settings.STATICFILES_DIRS = [folder]


def test_public_pages_get_one_small_style_sheet(storage):
    site = collected(storage, "css/site.css")
    linked = {
        name: (settings.STATIC_ROOT / storage().stored_name(f"css/{name}.css")).read_text()
        for name in ("browse", "home", "pack", "player", "session")
    }

    assert "@import" not in site
    assert ":root{" in site and "@media print{" in site
    for beside in (("browse",), ("home",), ("pack",), ("player",), ("session",)):
        sheets = [site, *(linked[name] for name in beside)]
        assert sum(len(sheet.encode()) for sheet in sheets) <= MAX_SITE_CSS_BYTES


def test_imported_style_sheets_are_inlined_in_place(storage, settings, tmp_path):
    source(
        settings,
        tmp_path,
        site='@import url("parts/a.css");\n@import url("parts/b.css");\np { margin: 0 }',
        parts__a='/* First. */\na { color: red }\n@import url("c.css");',
        parts__b="b { color: blue }",
        parts__c='c::after { content: "  " / "" }',
    )

    assert collected(storage, "css/site.css") == (
        'a{color:red}c::after{content:"  " / ""}b{color:blue}p{margin:0}'
    )


def test_changed_import_changes_the_file_name(storage, settings, tmp_path):
    source(settings, tmp_path, site='@import url("parts/a.css");', parts__a="a { color: red }")
    collected(storage, "css/site.css")
    before = storage().stored_name("css/site.css")
    (tmp_path / "source/css/parts/a.css").write_text("a { color: blue }")

    assert collected(storage, "css/site.css") == "a{color:blue}"
    assert storage().stored_name("css/site.css") != before


def test_imported_style_sheet_refers_to_no_other_file(storage, settings, tmp_path):
    source(
        settings,
        tmp_path,
        site='@import url("parts/a.css");',
        parts__a="a { background: url(dots.png) }",
    )

    (tmp_path / "source/css/parts/dots.png").write_bytes(b"")

    with pytest.raises(ValueError, match=re.escape("css/parts/a.css is imported")):
        collected(storage, "css/site.css")
