"""The list of sessions and one session."""

from django.utils.http import http_date
from django.views.generic import TemplateView

from search_app.counting.rare_searches import MAX_RARE_HITS, count_rare_search
from sessions_app.catalogue.filters import SessionFilter
from sessions_app.catalogue.list_kinds import SESSIONS
from sessions_app.catalogue.query_offers import entry_named_by_search_text, year_filter_offer
from sessions_app.catalogue.related import neighbours_in_series, related_sessions
from sessions_app.editing.comments import approved_comments_with_answered
from sessions_app.editing.publishing import status_in_words
from sessions_app.formats import citations, reference_styles
from sessions_app.formats.list_head import result_list_head
from sessions_app.formats.session_head import linkset_link, session_head
from sessions_app.visibility import TombstoneMixin, commenting_in_force, visible_session
from site_app.models import Commenting, SiteSettings

from ..models import Session
from .facets import FacetValuesView


class SessionListView(TemplateView):
    template_name = "sessions_app/session_list.html"
    query_parameters = SessionFilter.parameter_names()

    def get_context_data(self, **kwargs):
        result_list = SESSIONS.result_list(self.request.GET)
        site = SiteSettings.load()
        return super().get_context_data(
            list=result_list,
            site=site,  # loaded once for the page and its metadata
            head=result_list_head(result_list, site),
            entry=entry_named_by_search_text(result_list),
            year_offered=year_filter_offer(result_list),
            **kwargs,
        )

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        result_list = context["list"]
        hits = result_list.hits
        is_rare = (
            hits.understood.clauses
            and hits.total <= MAX_RARE_HITS
            and not result_list.active_filters
        )
        if is_rare and not hits.stale:
            response["Cache-Control"] = "no-cache"  # revalidate each time
            if self.request.method == "GET" and hits.page == 1:
                count_rare_search(hits.understood.text, hits.total)
        return response


class SessionFacetView(FacetValuesView):
    kind = SESSIONS
    query_parameters = SessionFilter.parameter_names() | FacetValuesView.own_parameters


class SessionDetailView(TombstoneMixin, TemplateView):
    template_name = "sessions_app/session_detail.html"

    def get_context_data(self, **kwargs):
        sessions = Session.objects.for_page()
        session = visible_session(self.request, self.kwargs["slug"], sessions)
        for part in (*session.recommendations.all(), *session.documents.all()):
            part.session = session  # its URL needs the slug of the session; saves a query
        site = SiteSettings.load()
        return super().get_context_data(
            session=session,
            site=site,  # loaded once for the page and everything on it
            comments=approved_comments_with_answered(session, site),
            takes_comments=session.is_public
            and commenting_in_force(session, site) == Commenting.OPEN,
            missing_downloads=[
                remain["text"]
                for remain in session.import_remains
                if remain.get("kind") == "missing file"
            ],
            references=reference_styles.references_in_all_styles(
                citations.citation_of_session(session, publisher=site.name)
            ),
            head=session_head(session, site) if session.is_public else None,
            is_preview=not session.is_public,
            status_words="" if session.is_public else status_in_words(session),
            related=related_sessions(session) if session.is_public else [],
            neighbours=neighbours_in_series(session),
            **kwargs,
        )

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        if not context["is_preview"]:
            changed = context["session"].updated_at
            response["Last-Modified"] = http_date(int(changed.timestamp()))
            linkset = linkset_link(context["session"])
            response["Link"] = context["head"].link_header(linkset)
        return response
