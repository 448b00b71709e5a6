"""The front page."""

from django.http import QueryDict
from django.views.generic import TemplateView

from sessions_app.catalogue import front_page
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.formats import json_ld
from sessions_app.formats.head import Head, open_graph_tags
from sessions_app.views.state_cache import cached_for_archive_state
from site_app.models import SiteSettings

MAX_VALUES_PER_FACET = 40
MAX_SERIES_SHOWN = 6


class HomeView(TemplateView):
    template_name = "sessions_app/home.html"

    def get_context_data(self, **kwargs):
        whole = SESSIONS.result_list(
            QueryDict(),
            facet_names=("year", "topic", "series", "speaker", "organisation", "has"),
            facet_limit=MAX_VALUES_PER_FACET,
            overrides={"per_page": 1},
        )
        totals = whole.hits.facet_totals
        has = {value.value: value.count for value in whole.facet("has").values}
        upcoming = front_page.upcoming_sessions()
        advice = front_page.newest_recommendation()
        widest = cached_for_archive_state(
            self.request, "widest-group", front_page.widest_recent_advice_group
        )
        site = SiteSettings.load()
        recommendation_count = RECOMMENDATIONS.result_list(
            QueryDict(), with_facets=False
        ).hits.total
        return super().get_context_data(
            site=site,  # loaded once for the page and its metadata
            head=Head(
                meta=open_graph_tags(
                    title=site.name, path="/", description=site.tagline, site_name=site.name
                ),
                json_ld=[json_ld.website(site)],
            ),
            newest=front_page.newest_past_sessions(besides=upcoming),
            upcoming=upcoming,
            extent=front_page.archive_extent(),
            advice=advice,
            recurring=front_page.newest_advice_of_group(widest, besides=advice),
            histogram=whole.year_values,
            families=front_page.topic_families(whole.facet("topic")),
            series=whole.facet("series").values[:MAX_SERIES_SHOWN],
            session_count=whole.hits.total,
            speaker_count=totals["speaker"],
            organisation_count=totals["organisation"],
            recommendation_count=recommendation_count,
            recording_count=has.get("recording", 0),
            **kwargs,
        )
