"""Collect static files only if they changed, because compressing them takes a while."""

import hashlib

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

# Files of packages that are not used: the API documentation uses Swagger UI, and API responses are
# JSON only.
UNUSED_STATIC_FILES = ["redoc", "rest_framework"]
FINGERPRINT_FILE = ".collected"


def static_fingerprint() -> str:
    """Return a digest of name, size and time of every static file, and of the way of storing."""
    lines = [settings.RELEASE, settings.STORAGES["staticfiles"]["BACKEND"]]
    for finder in get_finders():
        for path, storage in finder.list(UNUSED_STATIC_FILES):
            name = f"{getattr(storage, 'prefix', None) or ''}/{path}"
            lines.append(f"{name} {storage.size(path)} {storage.get_modified_time(path)}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def collect_if_changed() -> bool:
    """Bring STATIC_ROOT up to date; return whether there was anything to do."""
    stamp = settings.STATIC_ROOT / FINGERPRINT_FILE
    now = static_fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return False
    call_command(
        "collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC_FILES
    )
    stamp.write_text(now)
    return True
