"""The admin put together: what staff work with daily stands first, the machinery last."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig

APPS = (
    "sessions_app", "speakers_app", "recordings_app", "ingest_app", "site_app", "alerts_app",
    "search_app", "redirects", "auth",
)  # fmt: skip
UNUSED = {"sites"}  # links are made from SITE_URL; the one row only keys old addresses
LEADING = {"Session", "Speaker", "RecordingRequest"}  # first within their app


class ArchiveAdminSite(AdminSite):
    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: model["object_name"] not in LEADING)
        places = {label: place for place, label in enumerate(APPS)}
        used = (app for app in apps if app["app_label"] not in UNUSED)
        return sorted(used, key=lambda app: places.get(app["app_label"], len(APPS)))


class ArchiveAdminConfig(AdminConfig):
    default_site = "sma_archive.admin_site.ArchiveAdminSite"
