from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from sma_archive.configuration.storage_urls import (
    bucket_storage,
    folder_of,
    media_storage_settings,
    private_storage_settings,
)

BUCKET = "s3://key:se%2Fcret@s3.example.org:9000/archive/private?region=eu-1&tls=0"


def test_bucket_url_with_all_options():
    assert bucket_storage(BUCKET, "backend") == {
        "BACKEND": "backend",
        "OPTIONS": {
            "bucket_name": "archive",
            "location": "private",
            "endpoint_url": "http://s3.example.org:9000",
            "region_name": "eu-1",
            "access_key": "key",
            "secret_key": "se/cret",
            "addressing_style": "path",
            "signature_version": "s3v4",
            "default_acl": None,
            "file_overwrite": False,
            "max_memory_size": 8 * 1024 * 1024,
        },
    }


def test_bucket_url_with_the_minimum():
    options = bucket_storage("s3://s3.example.org/archive", "backend")["OPTIONS"]

    assert options["endpoint_url"] == "https://s3.example.org"
    assert options["bucket_name"] == "archive"
    assert (options["location"], options["region_name"], options["access_key"]) == ("", None, None)


@pytest.mark.parametrize("url", ["s3://", "s3://key:hunter2@host", "s3://:hunter2@/bucket"])
def test_incomplete_bucket_url_is_rejected_without_revealing_the_secret(url):
    with pytest.raises(ImproperlyConfigured) as refusal:
        bucket_storage(url, "backend")

    assert "hunter2" not in str(refusal.value)
    assert "s3://key:secret@host/bucket" in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "folder"), [("", "default"), (BUCKET, "default"), ("/srv/files", "/srv/files")]
)
def test_folder_of_a_file_url(url, folder):
    assert folder_of(url, Path("default")) == Path(folder)


def test_media_in_a_bucket_are_served_by_the_site():
    assert (
        media_storage_settings(BUCKET)["BACKEND"]
        == "sma_archive.configuration.media_bucket.MediaBucket"
    )


def test_private_folder_has_no_url_and_restricted_permissions():
    assert private_storage_settings("", Path("private"))["OPTIONS"] == {
        "location": Path("private"),
        "base_url": None,
        "file_permissions_mode": 0o600,
    }
