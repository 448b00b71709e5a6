"""Results to take away: exports of a whole list, references to one record."""

import json

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from search_app.api import count_matches
from sessions_app.catalogue.list_kinds import ListKind
from sessions_app.catalogue.result_list import ResultList
from sessions_app.formats import citations, exports, reference_styles
from sessions_app.formats.head import Link
from sessions_app.formats.json import absolute_url
from sessions_app.formats.xlsx import AboutSheet
from sessions_app.visibility import TombstoneMixin, visible_session
from site_app.http.generated_files import limit_concurrent_files
from site_app.http.problem_details import invalid_parameters_response
from site_app.models import SiteSettings
from site_app.text.dates import moment_in_words
from site_app.text.slugs import slug_from_text

from ..models import Recommendation, Session
from .recommendations import RecommendationAddressMixin, split_public_id_or_404

MAX_QUERY_CHARACTERS_IN_FILENAME = 60  # characters of the query in a file name


class ExportView(View):
    """Every record of the query string's list. Unusable values are refused, not left out."""

    kind: ListKind = None

    @method_decorator(limit_concurrent_files)
    def get(self, request, extension):
        formats = exports.EXPORT_FORMATS_BY_LIST[self.kind.name]
        if extension not in formats:
            raise Http404
        result_list = self.kind.result_list(request.GET, with_facets=False, only_iso_dates=True)
        if not result_list.filterset.is_valid():
            return invalid_parameters_response(result_list.filterset.errors)
        chosen = formats[extension]
        (total,) = count_matches([result_list.criteria])
        records = exports.records_for_export(self.kind, result_list.criteria)
        about = self.about_sheet(result_list) if extension == "xlsx" else None
        export = exports.start_export(chosen, records, total, about)
        response = StreamingHttpResponse(export.chunks, content_type=chosen.media_type)
        # A browser shows progress by the length; if that is only an estimate,
        # static/js/downloads.js does.
        response["Content-Length" if export.is_exact else "X-Estimated-Length"] = export.length
        name = "-".join(
            filter(
                None,
                [
                    self.kind.name,
                    _query_as_filename_part(result_list.filterset),
                    f"{timezone.localdate()}",
                ],
            )
        )
        response["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
        response["X-Robots-Tag"] = "noindex"
        return response

    def about_sheet(self, result_list: ResultList) -> AboutSheet:
        """Return what the sheet about a list says; its words are those of the reader's language."""
        site = SiteSettings.load()
        query = result_list.query.copy()
        query.pop("page", None)  # the file contains all pages
        result_list = self.kind.result_list(query, with_facets=False, only_iso_dates=True)
        conditions = site.licence or _(
            "No licence is stated. Ask before you republish more than quotations: %(address)s"
        ) % {"address": site.contact_email}
        notes = _(
            "Several values in one cell are separated by semicolons. Days are those of the sessions; "
            "“updated_at” is in UTC."
        )
        return AboutSheet(
            sheet=str(self.kind.heading),
            title=_("About this export"),
            rows_label=_("Rows"),
            lines=[
                (_("Archive"), site.name),
                (_("Query"), result_list.name),
                (_("The list on the site"), absolute_url(result_list.url())),
                (_("Download again"), absolute_url(self.request.get_full_path())),
                (_("Created"), moment_in_words(timezone.now(), with_zone=True)),
                (_("Licence"), conditions),
                (_("How to read it"), notes),
            ],
        )


def _query_as_filename_part(filterset) -> str:
    """Return the query as a part of a file name: "nato-cyber-2019"; "" for all."""
    chosen = filterset.chosen_values()
    days = [
        f"{word}-{day}"
        for word, name in (("from", "date_after"), ("to", "date_before"))
        if (day := filterset.chosen_value(name))
    ]
    values = [value for name in filterset.facet_names for value in chosen.get(name, ())]
    words = slug_from_text(" ".join([filterset.chosen_value("q") or "", *values, *days]), "")
    return (
        words
        if len(words) <= MAX_QUERY_CHARACTERS_IN_FILENAME
        else words[:MAX_QUERY_CHARACTERS_IN_FILENAME].rpartition("-")[0]
    )


class CiteView(TombstoneMixin, View):
    """One record as BibTeX, RIS, CSL-JSON or a formatted reference."""

    query_parameters = frozenset({"style"})

    def citation_and_filename(self, request, **kwargs):
        raise NotImplementedError

    def get(self, request, extension, **kwargs):
        citation, name = self.citation_and_filename(request, **kwargs)
        style = request.GET.get("style") or "apa"
        if extension == "txt" and style not in reference_styles.STYLES:
            return invalid_parameters_response(
                {"style": [f"Choose one of {', '.join(reference_styles.STYLES)}."]}
            )
        media_type, text = {
            "bib": ("application/x-bibtex", lambda: citations.bibtex_entry(citation)),
            "ris": ("application/x-research-info-systems", lambda: citations.ris_record(citation)),
            "json": (
                "application/vnd.citationstyles.csl+json",
                lambda: json.dumps(
                    [citations.csl_json_item(citation)], ensure_ascii=False, indent=1
                ),
            ),
            "txt": (
                "text/plain",
                lambda: reference_styles.plain_text_reference(citation, style) + "\n",
            ),
        }[extension]
        response = HttpResponse(text(), content_type=f"{media_type}; charset=utf-8")
        if extension != "txt":
            response["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
        response["X-Robots-Tag"] = "noindex"
        response["Link"] = Link("describes", citation.url, "text/html").as_header()
        return response


class SessionCiteView(CiteView):
    def citation_and_filename(self, request, slug):
        sessions = Session.objects.with_speakers().prefetch_related("topics", "documents")
        session = visible_session(request, slug, sessions)
        return citations.with_pdf_urls(
            citations.citation_of_session(session), session
        ), session.slug


class RecommendationCiteView(RecommendationAddressMixin, CiteView):
    def citation_and_filename(self, request, public_id):
        slug, number = split_public_id_or_404(public_id)
        session = visible_session(request, slug)
        of_number = Recommendation.objects.filter(session=session, number=number).with_everything()
        recommendation = of_number.first()
        if recommendation is None:
            raise Http404
        return citations.citation_of_recommendation(recommendation), recommendation.public_id
