"""Separate folders, index and page cache for tests."""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import transaction
from django.test import override_settings

from recordings_app.models import Recording
from search_app import api
from sessions_app.models import Document
from sma_archive.cache import page_cache


@contextmanager
def own_places(folder):
    """Store files in `folder` and the index in memory, and start with an empty page cache."""
    private = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder / "private", "base_url": None},
    }
    with (
        override_settings(
            MEDIA_ROOT=folder / "media",
            PRIVATE_ROOT=folder / "private",
            STORAGES={**settings.STORAGES, "private": private},
            ALLOWED_HOSTS=["*"],
            CARD_DIR=folder / "cards",
            INDEX_DIR=None,  # in memory, updated immediately
        ),
        pytest.MonkeyPatch.context() as patch,
    ):
        for model in (
            Document,
            Recording,
        ):  # a field resolves its storage once, when it is created
            patch.setattr(model._meta.get_field("file"), "storage", storages["private"])
        api.discard_indexes()
        cache.clear()
        page_cache.cached_pages.clear()
        yield


@contextmanager
def one_archive(database):
    """For a module: data stored inside is available to all its tests, and is rolled back at the end.

    The changes of each test are rolled back after it. `database` is pytest-django's
    `django_db_blocker`. The module's `clean_places` also has module scope, as its tests share files and
    index.
    """
    with database.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
