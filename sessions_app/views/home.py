"""The front page."""

from django.http import QueryDict
from django.views.generic import TemplateView

from ..lists import recommendation_list, session_list

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
        return super().get_context_data(
            newest=newest.results,
            histogram=newest.histogram,
            topics=newest.facet("topic"),
            series=newest.facet("series"),
            numbers={
                "sessions": newest.hits.total,
                "speakers": newest.hits.facet_totals["speaker"],
                "organisations": newest.hits.facet_totals["organisation"],
                "recommendations": recommendation_list(QueryDict(), with_facets=False).hits.total,
            },
            **kwargs,
        )
