"""Every address of the archive; the rooms bring their own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("sma_archive.api")),
    path("", include("site_app.urls")),
    path("", include("recordings_app.urls")),
    path("", include("sessions_app.urls")),
]
