"""The API put together: addresses, refusals, schema and its pages."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import ValidationError
from rest_framework.views import exception_handler

from sessions_app import api
from sessions_app.entries import KINDS
from sessions_app.problems import problem
from sessions_app.views.api_docs import DocumentationView

ADDRESSES = {kind.parameter: kind.prefix for kind in KINDS.values()}

urlpatterns = [
    path("v1/sessions/", api.SessionListView.as_view(), name="sessions"),
    path("v1/sessions/<slug:slug>/", api.SessionDetailView.as_view(), name="session"),
    path("v1/recommendations/", api.RecommendationListView.as_view(), name="recommendations"),
    path(
        "v1/recommendations/<slug:public_id>/",
        api.RecommendationDetailView.as_view(),
        name="recommendation",
    ),
    *(
        path(
            f"v1{prefix}",
            api.EntryListView.as_view(parameter=parameter),
            name=f"{parameter}-list",
        )
        for parameter, prefix in ADDRESSES.items()
    ),
    *(
        path(
            f"v1{prefix}<slug:slug>/",
            api.EntryDetailView.as_view(parameter=parameter),
            name=parameter,
        )
        for parameter, prefix in ADDRESSES.items()
    ),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", DocumentationView.as_view(), name="docs"),
]
app_name = "api"


def problem_handler(error, context):
    """Answer every refusal of the API as problem+json."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError) and isinstance(error.detail, dict):
        return problem(error.detail)
    detail = getattr(error, "detail", None) or "There is no such record."
    refusal = problem(
        {"detail": [detail]}, status=response.status_code, title=response.status_text
    )
    for header in ("Allow", "Retry-After"):
        if header in response:
            refusal[header] = response[header]
    return refusal
