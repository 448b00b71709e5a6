"""Settings from environment variables; an invalid one is reported in one sentence.

No message repeats a value that may contain a password.
"""

import os
import re
import secrets
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

from site_app.text.numbers import parse_whole_number

env = environ.Env()
_TRUE_WORDS, _FALSE_WORDS = (
    ("1", "true", "yes", "on", "ok", "y", "t"),
    ("0", "false", "no", "off", "n", "f", ""),
)
_POSTGRESQL_SCHEMES = ("postgres", "postgresql", "psql", "pgsql")
# Packages from requirements-scale.txt, by the URL scheme that needs them.
_PACKAGE_OF_SCHEME = {"rediscache": "redis", "redis": "redis", "rediss": "redis", "s3": "storages"}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def switch_setting(name: str, default: bool) -> bool:
    """Return a variable that is on (1) or off (0)."""
    value = env(name, default="").strip().lower()
    if name not in os.environ:
        return default
    if value in _TRUE_WORDS:
        return True
    if value in _FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} is “{value}”; write 1 or 0.")


def number_setting(name: str, default: int, least: int = 0) -> int:
    value = env(name, default="") or str(default)
    given = parse_whole_number(value, minimum=least, maximum=10**9)
    if given is None:
        raise ImproperlyConfigured(f"{name} must be a number of {least} or more, not “{value}”.")
    return given


def site_url(default: str) -> str:
    """Return SITE_URL, the base of mailed links, without a trailing slash."""
    value = (env("SITE_URL", default="") or default).rstrip("/")
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ImproperlyConfigured(
            f"SITE_URL is “{value}”; write only the scheme and host, such as "
            "https://archive.example.org"
        )
    return value


def rate_limits(default: str) -> str:
    value = (env("RATE_LIMITS", default="") or default).strip()
    if value != "off" and not re.fullmatch(
        r"\d{1,6}/(email|address)(,\s*\d{1,6}/(email|address))*", value
    ):
        raise ImproperlyConfigured(
            f"RATE_LIMITS is “{value}”; write “off”, or forms per hour like “5/email,20/address”."
        )
    return value


def database() -> dict:
    """Return DATABASE_URL as Django's setting."""
    example = "DATABASE_URL must be like postgres://user:password@host:5432/name"
    url = _url_parts(
        "DATABASE_URL", _POSTGRESQL_SCHEMES, f"{example}; leave it out for SQLite in VAR_DIR."
    )
    if not url.path.strip("/"):
        raise ImproperlyConfigured(f"DATABASE_URL does not name a database;  {example[18:]}.")
    return env.db("DATABASE_URL")


def cache() -> dict:
    """Return CACHE_URL as Django's setting; the memory of each process without it."""
    if not env("CACHE_URL", default=""):
        return env.cache_url_config("locmemcache://")
    example = "CACHE_URL must be like rediscache://host:6379/1; leave it out for memory."
    url = _url_parts("CACHE_URL", tuple(env.CACHE_SCHEMES), example)
    needs_package("CACHE_URL", url.scheme)
    return env.cache("CACHE_URL")


def email() -> dict:
    """Return EMAIL_URL as Django's settings, or {} without it."""
    if not env("EMAIL_URL", default=""):
        return {}
    example = "EMAIL_URL must be like smtp+tls://user:password@host:587"
    _url_parts("EMAIL_URL", tuple(env.EMAIL_SCHEMES), f"{example}.")
    return env.email("EMAIL_URL")


def time_zone() -> str:
    name = env("TIME_ZONE", default="") or "UTC"
    if name not in available_timezones():
        raise ImproperlyConfigured(
            f"TIME_ZONE is “{name}”, which is not a time zone; write one like Europe/Berlin."
        )
    return name


def log_level() -> str:
    level = (env("LOG_LEVEL", default="") or "INFO").upper()
    if level not in LOG_LEVELS:
        raise ImproperlyConfigured(
            f"LOG_LEVEL is “{level}”; write one of {', '.join(LOG_LEVELS)}."
        )
    return level


def needs_package(name: str, scheme: str) -> None:
    """Raise ImproperlyConfigured if packages for this kind of URL are not installed."""
    package = _PACKAGE_OF_SCHEME.get(scheme)
    if package and find_spec(package) is None:
        raise ImproperlyConfigured(
            f"{name} begins with {scheme}://, which needs packages that are not installed; "
            "run: .venv/bin/python -m pip install -c constraints.txt -r requirements-scale.txt"
        )


def folder(name: str, path: Path) -> Path:
    """Create a folder and return it; raise ImproperlyConfigured if it cannot be written."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}: the folder {path} cannot be written ({error.strerror}); give the user that "
            f"runs the archive write permission, free disk space, or set {name} to another folder."
        ) from error
    return path


def embedded_secret_key(folder: Path) -> str:
    """Return the key stored in a folder, created on first use and readable only by its owner.

    It is written atomically and once, even if several processes start or are killed at the same time.
    """
    path = folder / "secret_key"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=folder) as file:  # with mode 0600
            file.write(secrets.token_urlsafe(64))
            file.flush()
            with suppress(FileExistsError):  # another process created it first
                os.link(file.name, path)
    key = path.read_text().strip()
    if not key:
        raise ImproperlyConfigured(
            f"{path} is empty; delete it, and the archive will generate a new one."
        )
    return key


def _url_parts(name, schemes, sentence):
    """Return the parts of a URL variable; raise ImproperlyConfigured with `sentence` if it is not one."""
    try:
        parts = urlsplit(env(name))
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}. {sentence}") from error
    if parts.scheme not in schemes or "://" not in env(name):
        shown = f"“{parts.scheme}”" if "://" in env(name) and parts.scheme else "no scheme"
        raise ImproperlyConfigured(f"{name} begins with {shown}. {sentence}")
    return parts
