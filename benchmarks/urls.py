from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path(
        "benchmark-nothing/",
        lambda request: HttpResponse("", headers={"Cache-Control": "no-store"}),
    ),
    path("", include("sma_archive.urls")),
]
