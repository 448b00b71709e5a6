"""What can be set wrongly in a way that shows too late, told when the site starts."""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register

from .storage_urls import is_bucket


@register
def check_addresses(app_configs, **kwargs):
    """SITE_URL is what mailed links begin with, so it has to lead here."""
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
        return [
            Error(
                f"SITE_URL is “{settings.SITE_URL}”.",
                hint="Write scheme and host alone, such as https://archive.example.org",
                id="sma_archive.E001",
            )
        ]
    return []


@register
def check_private_storage(app_configs, **kwargs):
    """Recordings and documents must not lie where the web server gives out files."""
    private = Path(settings.PRIVATE_ROOT).resolve()
    public = [Path(settings.MEDIA_ROOT).resolve(), Path(settings.STATIC_ROOT).resolve()]
    if any(private == folder or folder in private.parents for folder in public):
        return [
            Error(
                "PRIVATE_STORAGE_URL lies within the public files.",
                hint="Choose a folder outside MEDIA_STORAGE_URL.",
                id="sma_archive.E002",
            )
        ]
    return []


@register
def check_private_delivery(app_configs, **kwargs):
    """nginx reads folders and a bucket gives out its own files; the other way round nothing does."""
    delivery, in_bucket = settings.PRIVATE_DELIVERY, is_bucket(settings.PRIVATE_STORAGE_URL)
    fitting = {"django": True, "nginx": not in_bucket, "bucket": in_bucket}
    if fitting.get(delivery):
        return []
    return [
        Error(
            f"PRIVATE_DELIVERY is “{delivery}”, which does not fit PRIVATE_STORAGE_URL.",
            hint="django always fits; nginx gives out files of a folder, bucket those of a bucket.",
            id="sma_archive.E004",
        )
    ]


@register
def check_proxies(app_configs, **kwargs):
    """A proxy that is not understood would be one that nobody trusts, or everybody."""
    found = []
    for value in settings.TRUSTED_PROXIES:
        try:
            ip_network(value, strict=False)
        except ValueError:
            found.append(
                Error(
                    f"TRUSTED_PROXIES holds “{value}”, which is no address or network.",
                    hint="Write addresses separated by commas, such as 10.0.0.1,192.168.0.0/24",
                    id="sma_archive.E003",
                )
            )
    return found


@register
def check_deployment(app_configs, **kwargs):
    """A site with a database of its own is meant for readers, who need a real address."""
    if settings.EMBEDDED or settings.TESTING:
        return []
    found = []
    if urlsplit(settings.SITE_URL).hostname in ("127.0.0.1", "localhost"):
        found.append(
            Warning(
                "SITE_URL leads to this machine alone: links in mails will not work elsewhere.",
                hint="Set SITE_URL to the public address.",
                id="sma_archive.W001",
            )
        )
    if settings.ARCHIVE_CONTACT_EMAIL.endswith("@localhost"):
        found.append(
            Warning(
                "ARCHIVE_CONTACT_EMAIL is not set: requests would be mailed to nobody.",
                id="sma_archive.W002",
            )
        )
    return found
