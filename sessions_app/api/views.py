"""The read-only JSON API of sessions, recommendations and entries."""

from django.core.paginator import EmptyPage, Paginator
from django.urls import reverse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app.catalogue.authorities import AUTHORITIES, public, session_counts, with_name
from sessions_app.catalogue.filters import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE,
    PAGE_SIZES,
    RecommendationFilter,
    SessionFilter,
)
from sessions_app.catalogue.result_list import recommendation_list, session_list
from sessions_app.formats.authority_json import entry_json, whole_entry_json
from sessions_app.formats.json import absolute, recommendation_with_session_json, session_json
from sessions_app.models import Recommendation, Session
from sessions_app.views.recommendations import split_public_id
from sessions_app.visibility import (
    WithdrawnError,
    present_public_id,
    present_slug,
    visible_session,
)
from site_app.redirects.addresses import successors
from site_app.text.name_search import MAX_WORDS, typed_words
from site_app.text.numbers import whole_number

from .schema import (
    FACETS_MOST,
    FACETS_SHOWN,
    PAGE,
    PAGE_SIZE,
    RecommendationPageSerializer,
    RecommendationSerializer,
    SessionPageSerializer,
    SessionSerializer,
    list_parameters,
)


class Gone(NotFound):
    status_code = 410
    default_detail = "This session was withdrawn."
    default_code = "gone"


class PageNotFound(NotFound):
    def __init__(self, pages: int):
        counted = "there is 1 page" if pages == 1 else f"there are {pages} pages"
        super().__init__({"page": [f"{counted}."]})


def number_parameter(request, name, default, most):
    """Return a positive integer parameter; raise ValidationError naming it."""
    number = whole_number(request.query_params.get(name) or str(default), maximum=most)
    if number is None:
        raise ValidationError({name: [f"Give a number from 1 to {most}."]})
    return number


def yes_parameter(request, name) -> bool:
    """Return whether a parameter is 1; raise ValidationError naming it for anything but 1 and 0."""
    value = request.query_params.get(name) or "0"
    if value not in ("0", "1"):
        raise ValidationError({name: ["Write 1, or leave it out."]})
    return value == "1"


def successor(prefix, slug):
    """Return the present slug of a renamed or merged record, or nothing."""
    return successors(prefix, [slug]).get(slug)


def moved(route, slug):
    return Response(status=301, headers={"Location": absolute(reverse(route, args=[slug]))})


def modified(body, session):
    """Return the answer of a record, with the time of the last change of anything it shows."""
    return Response(
        body, headers={"Last-Modified": http_date(int(session.updated_at.timestamp()))}
    )


def page_of(request, count, number, last, results):
    """Return the envelope of a list; `number` and `last` are page numbers."""

    def address(page):
        query = request.query_params.copy()
        query["page"] = page
        return absolute(f"{request.path}?{query.urlencode()}")

    return {
        "count": count,
        "next": address(number + 1) if number < last else None,
        "previous": address(number - 1) if number > 1 else None,
        "results": results,
    }


class ResultListAPIView(APIView):
    """A searched and faceted list; the same query strings as the pages."""

    make_list = None
    own_parameters = frozenset({"facets", "facet_limit"})  # beside those of the list

    def get(self, request):
        wants_facets = yes_parameter(request, "facets")
        found = self.make_list(
            request.query_params,
            path=request.path,
            only_iso_dates=True,
            any_page_size=True,
            with_facets=wants_facets,
            facet_limit=number_parameter(request, "facet_limit", FACETS_SHOWN, FACETS_MOST),
        )
        if not found.filterset.is_valid():
            raise ValidationError(found.filterset.errors)
        asked = int(found.filterset.chosen("page") or 1)
        hits = found.hits
        if asked > hits.page_count:
            raise PageNotFound(hits.page_count)
        body = page_of(request, hits.total, hits.page, hits.page_count, self.results(found))
        if wants_facets:
            body["facets"] = {
                name: [
                    {"value": value.value, "label": value.label, "count": value.count}
                    for value in found.facet(name).values
                ]
                for name in found.names
            }
        body["suggestion"] = hits.suggestion
        if hits.stale:
            body["stale"] = True
        return Response(body)

    def results(self, found):
        records = {record.pk: record for record in self.records(found.hits.keys)}
        rows = []
        for key in found.hits.keys:
            if key in records:
                row = self.represent(records[key])
                if found.filterset.chosen("q"):
                    excerpt = found.hits.excerpts.get(key)
                    row["excerpt"] = excerpt and str(excerpt.html or excerpt.title_html)
                rows.append(row)
        return rows


class SessionListAPIView(ResultListAPIView):
    make_list = staticmethod(session_list)
    query_parameters = SessionFilter.parameters() | ResultListAPIView.own_parameters
    represent = staticmethod(session_json)

    @extend_schema(
        parameters=list_parameters(SessionFilter),
        responses=SessionPageSerializer,
        tags=["sessions"],
    )
    def get(self, request):
        return super().get(request)

    def records(self, keys):
        return Session.objects.published().filter(pk__in=keys).with_everything()


class RecommendationListAPIView(ResultListAPIView):
    make_list = staticmethod(recommendation_list)
    query_parameters = RecommendationFilter.parameters() | ResultListAPIView.own_parameters
    represent = staticmethod(recommendation_with_session_json)

    @extend_schema(
        parameters=list_parameters(RecommendationFilter),
        responses=RecommendationPageSerializer,
        tags=["recommendations"],
    )
    def get(self, request):
        return super().get(request)

    def records(self, keys):
        return Recommendation.objects.published().filter(pk__in=keys).with_context()


class PublicSessionMixin:
    """The API shows what any visitor may see, to staff as well."""

    def session(self, slug, sessions=None):
        try:
            return visible_session(None, slug, sessions)
        except WithdrawnError as error:
            raise Gone from error


class SessionDetailAPIView(PublicSessionMixin, APIView):
    @extend_schema(responses=SessionSerializer, tags=["sessions"])
    def get(self, request, slug):
        if present := present_slug(slug):
            return moved("api:session", present)
        session = self.session(slug, Session.objects.with_everything())
        return modified(session_json(session), session)


class RecommendationDetailAPIView(PublicSessionMixin, APIView):
    @extend_schema(responses=RecommendationSerializer, tags=["recommendations"])
    def get(self, request, public_id):
        slug, number = split_public_id(public_id)
        if present := present_public_id(slug, number):
            return moved("api:recommendation", present)
        session = self.session(slug)
        found = Recommendation.objects.filter(session=session, number=number).with_context()
        recommendation = found.first()
        if recommendation is None:
            raise NotFound
        return modified(recommendation_with_session_json(recommendation), session)


# --- entries --------------------------------------------------------------------------------------


class AuthorityListAPIView(APIView):
    parameter = ""
    query_parameters = frozenset({"q", "page", "per_page"})

    @extend_schema(
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="Words of the name"),
            OpenApiParameter("page", PAGE),
            OpenApiParameter("per_page", PAGE_SIZE),
        ],
        tags=["entries"],
    )
    def get(self, request):
        kind = AUTHORITIES[self.parameter]
        typed = typed_words(request.query_params.get("q", ""))
        if typed.is_cut:
            raise ValidationError(
                {"q": [f"Give at most {MAX_WORDS} words of 100 characters in all."]}
            )
        entries = with_name(self.parameter, public(kind.model), typed)
        if self.parameter == "topic":
            entries = entries.select_related("parent")
        per_page = number_parameter(request, "per_page", DEFAULT_PAGE_SIZE, max(PAGE_SIZES))
        pages = Paginator(entries, per_page)
        try:
            page = pages.page(number_parameter(request, "page", 1, MAX_PAGE))
        except EmptyPage as error:
            raise PageNotFound(pages.num_pages) from error
        counts = session_counts(self.parameter, [entry.slug for entry in page.object_list])
        results = [entry_json(kind, entry, counts) for entry in page.object_list]
        return Response(page_of(request, pages.count, page.number, pages.num_pages, results))


class AuthorityDetailAPIView(APIView):
    parameter = ""

    @extend_schema(tags=["entries"])
    def get(self, request, slug):
        kind = AUTHORITIES[self.parameter]
        entry = public(kind.model).filter(slug=slug).first()
        if entry is None:
            present = successor(kind.prefix, slug)
            if present and public(kind.model).filter(slug=present).exists():
                return moved(f"api:{self.parameter}", present)
            raise NotFound
        return Response(whole_entry_json(kind, entry))
