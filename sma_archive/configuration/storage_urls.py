"""Storages from MEDIA_STORAGE_URL and PRIVATE_STORAGE_URL."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

FOLDER_STORAGE_CLASS = "django.core.files.storage.FileSystemStorage"


def is_bucket(url: str) -> bool:
    return url.startswith("s3://")


def bucket_storage(url: str, backend: str) -> dict:
    """Return the storage of `s3://key:secret@host:port/bucket/prefix?region=…&tls=0`.

    The prefix and both parameters are optional. Files are read through the application, so the bucket
    itself stays private. Raises ImproperlyConfigured if host or bucket is missing; the message never
    contains the secret.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"The URL of a bucket is invalid: {error}.") from error
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if not parts.hostname or not bucket:
        raise ImproperlyConfigured(
            "Write a bucket as s3://key:secret@host/bucket, such as "
            "s3://AKIA…:…@s3.eu-central-1.amazonaws.com/archive?region=eu-central-1"
        )
    parameters = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    scheme = "http" if parameters.get("tls") == "0" else "https"
    host = parts.netloc.rpartition("@")[2]
    options = {
        "bucket_name": bucket,
        "location": prefix,
        "endpoint_url": f"{scheme}://{host}",
        "region_name": parameters.get("region"),
        "access_key": unquote(parts.username) if parts.username else None,
        "secret_key": unquote(parts.password) if parts.password else None,
        "addressing_style": "path",  # supported by every S3-compatible server
        "signature_version": "s3v4",
        "default_acl": None,
        "file_overwrite": False,
        "max_memory_size": 8 * 1024 * 1024,  # larger files are buffered on disk
    }
    return {"BACKEND": backend, "OPTIONS": options}


def folder_of(url: str, default: Path) -> Path:
    """Return the folder a setting names; the default when it is empty or names a bucket."""
    return default if not url or is_bucket(url) else Path(url)


def media_storage_settings(url: str) -> dict:
    """Return the storage of public media: MEDIA_ROOT, or a bucket behind /media/."""
    if is_bucket(url):
        return bucket_storage(url, "sma_archive.configuration.media_bucket.MediaBucket")
    return {"BACKEND": FOLDER_STORAGE_CLASS}


def private_storage_settings(url: str, folder: Path, delivery: str = "django") -> dict:
    """Return the storage of private files: a bucket, or a folder only its owner can read.

    nginx, where it delivers, reads the files as a member of the owner's group.
    """
    if is_bucket(url):
        return bucket_storage(url, "storages.backends.s3.S3Storage")
    options = {"location": folder, "base_url": None, "file_permissions_mode": 0o600}
    if delivery == "nginx":
        options |= {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o750}
    return {"BACKEND": FOLDER_STORAGE_CLASS, "OPTIONS": options}


def bucket_origins(delivery: str, url: str) -> list[str]:
    """Return the origin from which pages may load audio: the bucket's, if it delivers itself."""
    if delivery != "bucket" or not is_bucket(url):
        return []
    return [bucket_storage(url, "")["OPTIONS"]["endpoint_url"]]
