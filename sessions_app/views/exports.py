"""Results to take away: exports of a whole list, references to one record."""

import json

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View

from search_app.api import totals_by_kind
from sessions_app.catalogue.filters import RecommendationFilter, SessionFilter
from sessions_app.formats import citations, exports
from sessions_app.formats.head import Link
from sessions_app.visibility import TombstoneMixin, visible_session
from site_app.http.generated_files import generated_file
from site_app.http.problem_details import problem

from ..models import Recommendation, Session
from .recommendations import RecommendationAddressMixin, split_public_id


class ExportView(View):
    """Every record of the query string's list. Unusable values are refused, not left out."""

    filterset_class = None
    formats = {}
    filename = ""

    def records(self, criteria):
        raise NotImplementedError

    @method_decorator(generated_file)
    def get(self, request, extension):
        if extension not in self.formats:
            raise Http404
        filterset = self.filterset_class(request.GET, only_iso_dates=True)
        if not filterset.is_valid():
            return problem(filterset.errors)
        criteria = filterset.criteria()
        chosen = self.formats[extension]
        (total,) = totals_by_kind([criteria])
        export = exports.start_export(chosen, self.records(criteria), total)
        response = StreamingHttpResponse(export.chunks, content_type=chosen.media_type)
        # A browser shows progress by the length; where it can only be told roughly, the page's own
        # script does (static/js/downloads.js).
        response["Content-Length" if export.is_exact else "X-Estimated-Length"] = export.length
        name = f"{self.filename}-{timezone.localdate():%Y-%m-%d}.{extension}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Robots-Tag"] = "noindex"
        return response


class SessionExportView(ExportView):
    filterset_class = SessionFilter
    formats = exports.SESSION_FORMATS
    filename = "sessions"

    def records(self, criteria):
        return exports.sessions_for_export(criteria)


class RecommendationExportView(ExportView):
    filterset_class = RecommendationFilter
    formats = exports.RECOMMENDATION_FORMATS
    filename = "recommendations"

    def records(self, criteria):
        return exports.recommendations_for_export(criteria)


class CiteView(TombstoneMixin, View):
    """One record as BibTeX, RIS, CSL-JSON or a formatted reference."""

    query_parameters = frozenset({"style"})

    def citation(self, request, **kwargs):
        raise NotImplementedError

    def get(self, request, extension, **kwargs):
        citation, name = self.citation(request, **kwargs)
        style = request.GET.get("style") or "apa"
        if extension == "txt" and style not in citations.STYLES:
            return problem({"style": [f"Choose one of {', '.join(citations.STYLES)}."]})
        media_type, text = {
            "bib": ("application/x-bibtex", lambda: citations.bibtex(citation)),
            "ris": ("application/x-research-info-systems", lambda: citations.ris(citation)),
            "json": (
                "application/vnd.citationstyles.csl+json",
                lambda: json.dumps([citations.csl(citation)], ensure_ascii=False, indent=1),
            ),
            "txt": ("text/plain", lambda: citations.reference(citation, style) + "\n"),
        }[extension]
        response = HttpResponse(text(), content_type=f"{media_type}; charset=utf-8")
        if extension != "txt":
            response["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
        response["X-Robots-Tag"] = "noindex"
        response["Link"] = Link("describes", citation.url, "text/html").as_header()
        return response


class SessionCiteView(CiteView):
    def citation(self, request, slug):
        sessions = Session.objects.with_speakers().prefetch_related("topics")
        session = visible_session(request, slug, sessions)
        return citations.of_session(session), session.slug


class RecommendationCiteView(RecommendationAddressMixin, CiteView):
    def citation(self, request, public_id):
        slug, number = split_public_id(public_id)
        session = visible_session(request, slug)
        found = Recommendation.objects.filter(session=session, number=number).with_context()
        recommendation = found.first()
        if recommendation is None:
            raise Http404
        return citations.of_recommendation(recommendation), recommendation.public_id
