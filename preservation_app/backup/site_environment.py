"""The settings in a backup: everything except passwords and keys."""

import os
import re

from django.conf import settings
from django.utils.crypto import salted_hmac

# As listed in the README; a test compares the two.
SITE_VARIABLES = (
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "CACHE_URL", "PAGE_CACHE_MIB", "EMAIL_URL", "ALLOWED_HOSTS",
    "SITE_URL", "SITE_NAME", "DEFAULT_FROM_EMAIL", "ARCHIVE_CONTACT_EMAIL", "MEDIA_STORAGE_URL",
    "PRIVATE_STORAGE_URL", "PRIVATE_DELIVERY", "PRIVATE_SIGNED_SECONDS", "INDEX_DIR", "DEBUG",
    "DEMO", "ADMIN_USER", "ADMIN_PASSWORD", "TRUSTED_PROXIES", "OLD_SITE_PREFIXES",
    "REQUEST_CONFIRMATION", "RATE_LIMITS", "API_RATE_LIMIT", "WEB_PROCESSES", "HOST", "PORT", "TIME_ZONE", "VAR_DIR",
    "LOG_LEVEL",
)  # fmt: skip
SECRET_VARIABLES = {"SECRET_KEY", "SECRET_KEY_FALLBACKS", "ADMIN_PASSWORD"}
LEFT_OUT_PLACEHOLDER = "LEFT-OUT"
_URL_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")
_URL_QUERY = re.compile(r"\?.*")


def settings_as_env_file() -> str:
    """Return the variables that are set, as lines of a .env file; secrets are left out."""
    lines = [
        "# Settings of the archive at the time of the backup. Passwords and keys are left out:"
    ]
    lines.append("# keep those of the site, SECRET_KEY above all, where backups are not.")
    for name in SITE_VARIABLES:
        if name in SECRET_VARIABLES:
            lines.append(f"# {name}={LEFT_OUT_PLACEHOLDER}")
        elif name in os.environ:
            lines.append(f"{name}={_without_secrets(name, os.environ[name])}")
    return "\n".join(lines) + "\n"


def _without_secrets(name, value):
    value = " ".join(value.split())
    if name.endswith("_URL") and name != "SITE_URL":
        # Passwords are in the user part of the URL or, with some back ends, among the parameters.
        value = _URL_QUERY.sub("", _URL_CREDENTIALS.sub(f"{LEFT_OUT_PLACEHOLDER}@", value))
    return value


def secret_key_digest() -> str:
    """Return a digest that only shows whether another site has the same SECRET_KEY."""
    return salted_hmac("preservation_app.key_check", "", algorithm="sha256").hexdigest()[:16]


def is_same_secret_key(check: str) -> bool:
    return check == secret_key_digest()


def release_in_use() -> str:
    return settings.RELEASE
