"""Private files that nginx serves instead of Django."""

from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages


def x_accel_redirect_value(name: str) -> str | None:
    """Return the value of X-Accel-Redirect for a private file, None if Django serves it."""
    if settings.PRIVATE_DELIVERY != "nginx":
        return None
    if not isinstance(storages["private"], FileSystemStorage):
        return None
    return settings.PRIVATE_ACCEL_PREFIX + quote(name)
