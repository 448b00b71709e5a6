"""Old addresses: each leads straight to where its page is now."""

from django.conf import settings
from django.contrib.redirects.models import Redirect


def keep_address(old_path: str, new_path: str) -> None:
    """Let `old_path` answer 301 to `new_path`, for ever.

    Redirects that led to the old path are turned to the new one (no chains), and one that starts
    at the new path goes, since a page stands there again.
    """
    site = settings.SITE_ID
    Redirect.objects.filter(site_id=site, old_path=new_path).delete()
    Redirect.objects.filter(site_id=site, new_path=old_path).update(new_path=new_path)
    Redirect.objects.update_or_create(
        site_id=site, old_path=old_path, defaults={"new_path": new_path}
    )


def successors(prefix: str, slugs) -> dict[str, str]:
    """Return {old slug: present slug} for those of `slugs` that were renamed or merged.

    `prefix` is the address above the entry pages, such as "/topics/".
    """
    found = Redirect.objects.filter(
        site_id=settings.SITE_ID, old_path__in=[f"{prefix}{slug}/" for slug in slugs]
    ).values_list("old_path", "new_path")
    return {
        old.removeprefix(prefix).rstrip("/"): new.removeprefix(prefix).rstrip("/")
        for old, new in found
        if new.startswith(prefix)
    }
