"""The read-only JSON API of sessions, recommendations and authority records."""

from django.core.paginator import EmptyPage, Paginator
from django.urls import reverse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from search_app.api import matching_ids
from sessions_app.catalogue.authorities import (
    AUTHORITIES,
    entries_matching_name,
    public_entries,
    public_session_counts,
)
from sessions_app.catalogue.filters import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_NUMBER,
    PAGE_SIZES,
    RecommendationFilter,
    SessionFilter,
)
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.formats.authority_json import detailed_entry_json, listed_entry_json
from sessions_app.formats.head import Link
from sessions_app.formats.json import absolute_url, recommendation_with_session_json, session_json
from sessions_app.models import Recommendation, Session
from sessions_app.views.recommendations import split_public_id_or_404
from sessions_app.visibility import (
    WithdrawnError,
    changed_public_id,
    current_slug_of_renamed,
    visible_session,
)
from site_app.redirects.addresses import current_slugs_of_old_slugs
from site_app.text.name_search import MAX_SEARCH_CHARACTERS, MAX_SEARCH_WORDS, parse_typed_words
from site_app.text.numbers import parse_whole_number

from . import serializers
from .cursor import decode_cursor, keys_and_cursor_of_next_page
from .schema import (
    CURSOR_PARAMETER,
    DEFAULT_FACET_VALUES,
    MAX_FACET_VALUES,
    PAGE_SCHEMA,
    PAGE_SIZE_SCHEMA,
    filterset_parameters,
)
from .serializers import (
    RecommendationPageSerializer,
    RecommendationSerializer,
    SessionPageSerializer,
    SessionSerializer,
)
from .shaping import (
    RECOMMENDATION_EXPANSIONS,
    SESSION_EXPANSIONS,
    expand_recommendation_row,
    expand_session_row,
    fields_and_expand_parameters,
    requested_shape,
)

# Who asks for one of these, and for no cursor, wants the list that pages show.
PARAMETERS_OF_SEARCHED_LISTS = frozenset({"page", "sort", "facets", "q"})
SESSION_SHAPE_PARAMETERS = fields_and_expand_parameters(
    SessionSerializer().fields, SESSION_EXPANSIONS
)
RECOMMENDATION_SHAPE_PARAMETERS = fields_and_expand_parameters(
    RecommendationSerializer().fields, RECOMMENDATION_EXPANSIONS
)
# Each type has its own fields; a name that only other types have is rejected.
AUTHORITY_SHAPE_PARAMETERS = [
    OpenApiParameter("fields", OpenApiTypes.STR, description="Only these fields, with commas")
]


def field_names_of_authority(parameter: str):
    """Return the names of the fields of a kind of authority record."""
    record, _page = serializers.SERIALIZERS_BY_AUTHORITY[parameter]
    return record().fields


class Gone(NotFound):
    status_code = 410
    default_detail = "This session was withdrawn."
    default_code = "gone"


class PageNotFound(NotFound):
    def __init__(self, pages: int):
        counted = "there is 1 page" if pages == 1 else f"there are {pages} pages"
        super().__init__({"page": [f"{counted}."]})


def read_number_parameter(request, name, default, most):
    """Return a positive integer parameter; raise ValidationError naming it."""
    number = parse_whole_number(request.query_params.get(name) or str(default), maximum=most)
    if number is None:
        raise ValidationError({name: [f"Enter a number from 1 to {most}."]})
    return number


def read_flag_parameter(request, name) -> bool:
    """Return whether a parameter is 1; raise ValidationError naming it for anything but 1 and 0."""
    value = request.query_params.get(name) or "0"
    if value not in ("0", "1"):
        raise ValidationError({name: ["Write 1, or leave it out."]})
    return value == "1"


def current_slug_of_old_slug(prefix, slug):
    """Return the present slug of a renamed or merged record, or nothing."""
    return current_slugs_of_old_slugs(prefix, [slug]).get(slug)


def redirect_to_current_slug(request, route, slug):
    """Redirect permanently to the record's current address, with the query string."""
    query = request.META["QUERY_STRING"]
    address = absolute_url(reverse(route, args=[slug])) + (f"?{query}" if query else "")
    return Response(status=301, headers={"Location": address})


def record_response(body, session, record):
    """Return the answer of a record: with the time of the last change of anything it shows, and its page."""
    page = Link("describes", absolute_url(record.get_absolute_url()), "text/html")
    headers = {
        "Last-Modified": http_date(int(session.updated_at.timestamp())),
        "Link": page.as_header(),
    }
    return Response(body, headers=headers)


def page_envelope(request, count, number, last, results):
    """Return the envelope of a list; `number` and `last` are page numbers."""

    def address(page):
        query = request.query_params.copy()
        query["page"] = page
        return absolute_url(f"{request.path}?{query.urlencode()}")

    return {
        "count": count,
        "next": address(number + 1) if number < last else None,
        "previous": address(number - 1) if number > 1 else None,
        "results": results,
    }


class ParametersAPIView(APIView):
    """Refuses a parameter given several times that takes one value: which one counts would be a guess."""

    query_parameters = frozenset()
    repeatable_parameters = frozenset({"fields", "expand"})

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        for name in sorted(self.query_parameters - self.repeatable_parameters):
            if len(request.query_params.getlist(name)) > 1:
                raise ValidationError({name: ["Give this parameter once."]})


class ResultListAPIView(ParametersAPIView):
    """A searched and faceted list; the same query strings as the pages."""

    kind = None
    # In addition to those of the list.
    own_parameters = frozenset({"facets", "facet_limit", "cursor", "fields", "expand"})
    record_serializer = None
    expansions = {}

    def get(self, request):
        self.shape = requested_shape(request, self.record_serializer().fields, self.expansions)
        wants_facets = read_flag_parameter(request, "facets")
        result_list = self.kind.result_list(
            request.query_params,
            path=request.path,
            only_iso_dates=True,
            any_page_size=True,
            with_facets=wants_facets,
            facet_limit=read_number_parameter(
                request, "facet_limit", DEFAULT_FACET_VALUES, MAX_FACET_VALUES
            ),
        )
        if not result_list.filterset.is_valid():
            raise ValidationError(result_list.filterset.errors)
        asked = request.query_params.keys()
        if "cursor" in asked or (
            "updated_since" in asked and not PARAMETERS_OF_SEARCHED_LISTS & asked
        ):
            body = self.page_by_cursor(request, result_list.filterset)
        else:
            body = self.searched_page(request, result_list)
        if wants_facets:
            body["facets"] = {
                name: [
                    {"value": value.value, "label": value.label, "count": value.count}
                    for value in result_list.facet(name).values
                ]
                for name in result_list.shown_facet_names
            }
        return Response(body)

    def searched_page(self, request, result_list) -> dict:
        """Return the requested page of a list; raises PageNotFound."""
        hits = result_list.hits
        if int(result_list.filterset.chosen_value("page") or 1) > hits.page_count:
            raise PageNotFound(hits.page_count)
        body = page_envelope(
            request, hits.total, hits.page, hits.page_count, self.rows_of_results(result_list)
        )
        body["suggestion"] = hits.suggestion
        if hits.stale:
            body["stale"] = True
        return body

    def page_by_cursor(self, request, filterset) -> dict:
        """Return the records after a cursor, in the order in which their sessions became public.

        `page` and `sort` have no meaning there.
        """
        cursor = decode_cursor(request.query_params.get("cursor", ""))
        path = self.kind.path_to_session
        records = self.kind.published()
        if since := filterset.chosen_value("updated_since"):
            records = records.filter(**{f"{path}updated_at__gte": since})
        among = None
        if filterset.is_narrowed:
            among = set(matching_ids(filterset.criteria()))
        per_page = int(filterset.chosen_value("per_page") or DEFAULT_PAGE_SIZE)
        keys, token = keys_and_cursor_of_next_page(
            records, cursor, per_page, path=path, among=among
        )
        records_of = self.public_records_by_key(keys)
        query = request.query_params.copy()
        query["cursor"] = token or ""
        return {
            "count": records.count() if among is None else len(among),
            "next": absolute_url(f"{request.path}?{query.urlencode()}") if token else None,
            "previous": None,
            "results": [self.json_row(records_of[key]) for key in keys if key in records_of],
            "suggestion": None,
        }

    def public_records_by_key(self, keys) -> dict:
        """Return {key: record} of those that are public now, with all that an answer shows."""
        return self.kind.published().with_everything().in_bulk(keys)

    def json_row(self, record) -> dict:
        return self.shape.select_fields(
            self.expanded(self.represent(record), record, self.shape.expand)
        )

    def rows_of_results(self, result_list):
        records = self.public_records_by_key(result_list.hits.keys)
        rows = []
        for key in result_list.hits.keys:
            if key in records:
                row = self.json_row(records[key])
                if result_list.filterset.chosen_value("q") and self.shape.includes_field(
                    "excerpt"
                ):
                    excerpt = result_list.hits.excerpts.get(key)
                    row["excerpt"] = excerpt and str(excerpt.html or excerpt.title_html)
                rows.append(row)
        return rows


class SessionListAPIView(ResultListAPIView):
    kind = SESSIONS
    query_parameters = SessionFilter.parameter_names() | ResultListAPIView.own_parameters
    repeatable_parameters = (
        ParametersAPIView.repeatable_parameters | SessionFilter.repeatable_parameters()
    )
    represent = staticmethod(session_json)
    expanded = staticmethod(expand_session_row)
    record_serializer = SessionSerializer
    expansions = SESSION_EXPANSIONS

    @extend_schema(
        parameters=[
            *filterset_parameters(SessionFilter),
            CURSOR_PARAMETER,
            *SESSION_SHAPE_PARAMETERS,
        ],
        responses=SessionPageSerializer,
        tags=["sessions"],
    )
    def get(self, request):
        return super().get(request)


class RecommendationListAPIView(ResultListAPIView):
    kind = RECOMMENDATIONS
    query_parameters = RecommendationFilter.parameter_names() | ResultListAPIView.own_parameters
    repeatable_parameters = (
        ParametersAPIView.repeatable_parameters | RecommendationFilter.repeatable_parameters()
    )
    represent = staticmethod(recommendation_with_session_json)
    expanded = staticmethod(expand_recommendation_row)
    record_serializer = RecommendationSerializer
    expansions = RECOMMENDATION_EXPANSIONS

    @extend_schema(
        parameters=[
            *filterset_parameters(RecommendationFilter),
            CURSOR_PARAMETER,
            *RECOMMENDATION_SHAPE_PARAMETERS,
        ],
        responses=RecommendationPageSerializer,
        tags=["recommendations"],
    )
    def get(self, request):
        return super().get(request)


class PublicSessionMixin:
    """The API shows what any visitor may see, to staff as well."""

    def public_session_or_410(self, slug, sessions=None):
        try:
            return visible_session(None, slug, sessions)
        except WithdrawnError as error:
            raise Gone from error


class SessionDetailAPIView(PublicSessionMixin, ParametersAPIView):
    query_parameters = frozenset({"fields", "expand"})

    @extend_schema(
        parameters=SESSION_SHAPE_PARAMETERS, responses=SessionSerializer, tags=["sessions"]
    )
    def get(self, request, slug):
        shape = requested_shape(request, SessionSerializer().fields, SESSION_EXPANSIONS)
        if present := current_slug_of_renamed(slug):
            return redirect_to_current_slug(request, "api:session", present)
        session = self.public_session_or_410(slug, Session.objects.with_everything())
        row = expand_session_row(session_json(session), session, shape.expand)
        return record_response(shape.select_fields(row), session, session)


class RecommendationDetailAPIView(PublicSessionMixin, ParametersAPIView):
    query_parameters = frozenset({"fields", "expand"})

    @extend_schema(
        parameters=RECOMMENDATION_SHAPE_PARAMETERS,
        responses=RecommendationSerializer,
        tags=["recommendations"],
    )
    def get(self, request, public_id):
        shape = requested_shape(
            request, RecommendationSerializer().fields, RECOMMENDATION_EXPANSIONS
        )
        slug, number = split_public_id_or_404(public_id)
        if present := changed_public_id(slug, number):
            return redirect_to_current_slug(request, "api:recommendation", present)
        session = self.public_session_or_410(slug)
        of_number = Recommendation.objects.filter(session=session, number=number).with_everything()
        recommendation = of_number.first()
        if recommendation is None:
            raise NotFound
        row = recommendation_with_session_json(recommendation)
        row = expand_recommendation_row(row, recommendation, shape.expand)
        return record_response(shape.select_fields(row), session, recommendation)


class AuthorityListAPIView(ParametersAPIView):
    parameter = ""
    query_parameters = frozenset({"q", "page", "per_page", "fields"})

    @extend_schema(
        parameters=[
            *AUTHORITY_SHAPE_PARAMETERS,
            OpenApiParameter(
                "q",
                {"type": "string", "maxLength": MAX_SEARCH_CHARACTERS},
                description=f"Words of the name, at most {MAX_SEARCH_WORDS}",
            ),
            OpenApiParameter("page", PAGE_SCHEMA),
            OpenApiParameter("per_page", PAGE_SIZE_SCHEMA),
        ],
        tags=["entries"],
    )
    def get(self, request):
        kind = AUTHORITIES[self.parameter]
        shape = requested_shape(request, field_names_of_authority(self.parameter))
        text = request.query_params.get("q", "")
        typed = parse_typed_words(text)
        if typed.is_cut or len(text) > MAX_SEARCH_CHARACTERS:
            message = f"Give at most {MAX_SEARCH_WORDS} words of {MAX_SEARCH_CHARACTERS} characters in all."
            raise ValidationError({"q": [message]})
        entries = entries_matching_name(self.parameter, public_entries(kind.model), typed)
        if self.parameter == "topic":
            entries = entries.select_related("parent")
        per_page = read_number_parameter(request, "per_page", DEFAULT_PAGE_SIZE, max(PAGE_SIZES))
        pages = Paginator(entries, per_page)
        try:
            page = pages.page(read_number_parameter(request, "page", 1, MAX_PAGE_NUMBER))
        except EmptyPage as error:
            raise PageNotFound(pages.num_pages) from error
        counts = public_session_counts(self.parameter, [entry.slug for entry in page.object_list])
        results = [
            shape.select_fields(listed_entry_json(kind, entry, counts))
            for entry in page.object_list
        ]
        return Response(page_envelope(request, pages.count, page.number, pages.num_pages, results))


class AuthorityDetailAPIView(ParametersAPIView):
    parameter = ""
    query_parameters = frozenset({"fields"})

    @extend_schema(parameters=AUTHORITY_SHAPE_PARAMETERS, tags=["entries"])
    def get(self, request, slug):
        kind = AUTHORITIES[self.parameter]
        shape = requested_shape(request, field_names_of_authority(self.parameter))
        entry = public_entries(kind.model).filter(slug=slug).first()
        if entry is None:
            present = current_slug_of_old_slug(kind.prefix, slug)
            if present and public_entries(kind.model).filter(slug=present).exists():
                return redirect_to_current_slug(request, f"api:{self.parameter}", present)
            raise NotFound
        return Response(shape.select_fields(detailed_entry_json(kind, entry)))
