"""The API as a whole: URLs, error responses, schema and its pages."""

from django.urls import path, reverse
from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import MethodNotAllowed, NotAcceptable
from rest_framework.response import Response
from rest_framework.serializers import URLField
from rest_framework.views import APIView, exception_handler

from sessions_app.api import bulk, views
from sessions_app.api.documentation import DocumentationView
from sessions_app.catalogue.authorities import AUTHORITIES
from sessions_app.formats.json import absolute_url
from site_app.http.problem_details import invalid_parameters_response, problem_response

from .api_problems import detail_of

ADDRESSES = {kind.parameter: kind.prefix for kind in AUTHORITIES.values()}
ROUTES = {  # name in the index: name of the route
    "sessions": "sessions",
    "recommendations": "recommendations",
    **{prefix.strip("/"): f"{parameter}-list" for parameter, prefix in ADDRESSES.items()},
    "schema": "schema",
    "bulk": "bulk",
    "documentation": "docs",
}


class IndexAPIView(APIView):
    """The API root: each list by name, and the documents that describe them."""

    @extend_schema(
        responses=inline_serializer("Index", {name: URLField() for name in ROUTES}), tags=["lists"]
    )
    def get(self, request):
        return Response(
            {name: absolute_url(reverse(f"api:{route}")) for name, route in ROUTES.items()}
        )


urlpatterns = [
    path("v1/", IndexAPIView.as_view(), name="index"),
    path("v1/sessions/", views.SessionListAPIView.as_view(), name="sessions"),
    path("v1/sessions/<slug:slug>/", views.SessionDetailAPIView.as_view(), name="session"),
    path("v1/recommendations/", views.RecommendationListAPIView.as_view(), name="recommendations"),
    path(
        "v1/recommendations/<slug:public_id>/",
        views.RecommendationDetailAPIView.as_view(),
        name="recommendation",
    ),
    *(
        path(
            f"v1{prefix}",
            views.AuthorityListAPIView.as_view(parameter=parameter),
            name=f"{parameter}-list",
        )
        for parameter, prefix in ADDRESSES.items()
    ),
    *(
        path(
            f"v1{prefix}<slug:slug>/",
            views.AuthorityDetailAPIView.as_view(parameter=parameter),
            name=parameter,
        )
        for parameter, prefix in ADDRESSES.items()
    ),
    path("v1/bulk/", bulk.BulkIndexAPIView.as_view(), name="bulk"),
    path("v1/bulk/SHA256SUMS", bulk.BulkChecksumsAPIView.as_view(), name="bulk-checksums"),
    path("v1/bulk/<str:name>", bulk.BulkFileAPIView.as_view(), name="bulk-file"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", DocumentationView.as_view(), name="docs"),
]
app_name = "api"


def problem_handler(error, context):
    """Answer every error of a view as problem+json; ApiProblemMiddleware handles the others."""
    response = exception_handler(error, context)
    if response is None:
        return None
    status, detail = response.status_code, getattr(error, "detail", None)
    if isinstance(detail, dict):
        document = invalid_parameters_response(detail, status=status)
    elif isinstance(error, (MethodNotAllowed, NotAcceptable)):
        document = problem_response(status, detail_of(status))
    else:
        document = problem_response(status, str(detail or "There is no such record."))
    for header in ("Allow", "Retry-After"):
        if header in response:
            document[header] = response[header]
    return document
