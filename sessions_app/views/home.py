"""The front page."""

from django.http import QueryDict
from django.urls import reverse
from django.views.generic import TemplateView

from sessions_app.catalogue.result_list import recommendation_list, session_list
from sessions_app.formats import json_ld
from sessions_app.formats.head import Head, open_graph
from site_app.models import SiteSettings

from ..models import Session

NEWEST = 6
TOPICS = 12


class HomeView(TemplateView):
    template_name = "sessions_app/home.html"

    def get_context_data(self, **kwargs):
        newest = session_list(
            QueryDict(),
            facet_names=("year", "topic", "series", "speaker", "organisation"),
            facet_limit=TOPICS,
            overrides={"per_page": NEWEST},
        )
        totals = newest.hits.facet_totals
        site = SiteSettings.load()
        advice = recommendation_list(QueryDict(), with_facets=False).hits.total
        return super().get_context_data(
            site=site,  # read once for the page and what it tells programs
            head=Head(
                meta=open_graph(
                    title=site.name, path="/", description=site.tagline, site_name=site.name
                ),
                json_ld=[json_ld.website(site)],
            ),
            newest=newest.results,
            histogram=newest.histogram,
            topics=newest.facet("topic"),
            series=newest.facet("series"),
            numbers=[
                (newest.hits.total, "session", reverse("sessions:list")),
                (totals["speaker"], "speaker", reverse("sessions:speakers")),
                (totals["organisation"], "organisation", reverse("sessions:organisations")),
                (advice, "recommendation", reverse("sessions:recommendations")),
            ],
            has_recommendations=bool(advice),
            has_upcoming=Session.objects.published().upcoming().exists(),
            **kwargs,
        )
