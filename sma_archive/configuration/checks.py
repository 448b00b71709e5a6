"""System checks for settings whose errors would otherwise show too late."""

import sys
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register

from .storage_urls import is_bucket


@register
def check_private_storage(app_configs, **kwargs):
    """Recordings and documents must not be in a folder that the web server serves."""
    private = Path(settings.PRIVATE_ROOT).resolve()
    public = [Path(settings.MEDIA_ROOT).resolve(), Path(settings.STATIC_ROOT).resolve()]
    if any(private == folder or folder in private.parents for folder in public):
        return [
            Error(
                "PRIVATE_STORAGE_URL is inside the folder of public files.",
                hint="Choose a folder outside MEDIA_STORAGE_URL.",
                id="sma_archive.E002",
            )
        ]
    return []


@register
def check_private_delivery(app_configs, **kwargs):
    """nginx can only serve files of a folder, and a bucket only its own files."""
    delivery, in_bucket = settings.PRIVATE_DELIVERY, is_bucket(settings.PRIVATE_STORAGE_URL)
    fitting = {"django": True, "nginx": not in_bucket, "bucket": in_bucket}
    if fitting.get(delivery):
        return []
    return [
        Error(
            f"PRIVATE_DELIVERY is “{delivery}”, which does not fit PRIVATE_STORAGE_URL.",
            hint="django always works; nginx serves files of a folder, bucket serves files of a bucket.",
            id="sma_archive.E004",
        )
    ]


@register
def check_proxies(app_configs, **kwargs):
    """An invalid entry would mean that no proxy is trusted, or every client is."""
    messages = []
    for value in settings.TRUSTED_PROXIES:
        try:
            ip_network(value, strict=False)
        except ValueError:
            messages.append(
                Error(
                    f"TRUSTED_PROXIES contains “{value}”, which is not an address or a network.",
                    hint="Write addresses separated by commas, such as 10.0.0.1,192.168.0.0/24",
                    id="sma_archive.E003",
                )
            )
    return messages


MIN_SECRET_KEY_LENGTH, MIN_SECRET_KEY_LETTERS = 50, 5  # as in Django's own check
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@register
def check_deployment(app_configs, **kwargs):
    """A site with DATABASE_URL is meant for readers, so unsafe settings are errors there.

    Where SITE_URL leads to this machine alone it is a trial, which may do as it likes; the command
    `check` says even so what a public site must not have.
    """
    if settings.EMBEDDED or settings.TESTING:
        return []
    site = urlsplit(settings.SITE_URL)
    is_local = site.hostname in _LOOPBACK
    level = Warning if is_local and sys.argv[1:2] != ["check"] else Error
    messages = [
        level(message, hint=hint, id=f"sma_archive.{id}")
        for message, hint, id in _unsafe_settings(site)
    ]
    if is_local:
        messages.append(
            Warning(
                "SITE_URL refers to this machine: links in mails will not work elsewhere.",
                hint="Set SITE_URL to the public address.",
                id="sma_archive.W001",
            )
        )
    if settings.ARCHIVE_CONTACT_EMAIL.endswith("@localhost"):
        messages.append(
            Warning(
                "ARCHIVE_CONTACT_EMAIL is not set: nobody would receive requests.",
                id="sma_archive.W002",
            )
        )
    return messages


def _unsafe_settings(site):
    """Yield message, hint and id for each setting that is unsafe on a public site."""
    key = settings.SECRET_KEY
    if settings.DEBUG:
        yield "DEBUG is on: error pages would show settings and data.", "Remove DEBUG.", "E005"
    if (
        len(key) < MIN_SECRET_KEY_LENGTH
        or len(set(key)) < MIN_SECRET_KEY_LETTERS
        or key.startswith("django-insecure-")
    ):
        yield (
            f"SECRET_KEY is easy to guess; it has {len(key)} characters.",
            "Generate one: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'",
            "E006",
        )
    if site.scheme != "https" and site.hostname not in _LOOPBACK:
        yield (
            f"SITE_URL is {settings.SITE_URL}: passwords and private links would be sent unencrypted.",
            "Put the site behind nginx with a certificate, and use https://.",
            "E007",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield (
            "ALLOWED_HOSTS contains “*”: the site would answer to any host name.",
            "Remove ALLOWED_HOSTS, or list the host names.",
            "E008",
        )
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield (
            "EMAIL_URL is not set: mails would be written to files, and nobody would receive them.",
            "Set EMAIL_URL, for example to smtp+tls://user:password@host:587",
            "E009",
        )
