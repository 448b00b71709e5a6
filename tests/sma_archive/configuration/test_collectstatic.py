import os

import pytest
from django.contrib.staticfiles.finders import get_finder

from sma_archive.configuration import collectstatic


@pytest.fixture
def source(settings, tmp_path):
    """A site with one static file of its own; returns its folder."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "site.css").write_text("body { color: black }")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATIC_ROOT.mkdir()
    get_finder.cache_clear()
    yield folder
    get_finder.cache_clear()


def test_new_static_files_are_collected(source, settings):
    assert collectstatic.collect_if_changed() is True
    assert (settings.STATIC_ROOT / "site.css").read_text() == "body { color: black }"


def test_unchanged_static_files_are_not_collected_again(source):
    collectstatic.collect_if_changed()

    assert collectstatic.collect_if_changed() is False


def test_changed_static_files_are_collected_again(source, settings):
    collectstatic.collect_if_changed()
    (source / "site.css").write_text("body { color: darkblue }")
    # seconds; a change within the same second is not detected
    os.utime(source / "site.css", (2e9, 2e9))

    assert collectstatic.collect_if_changed() is True
    assert (settings.STATIC_ROOT / "site.css").read_text() == "body { color: darkblue }"
