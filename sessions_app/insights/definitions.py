"""The charts of /insights/, by the last part of their addresses."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy

from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.catalogue.result_list import ResultList

from .advice import recurring_advice_chart
from .chart_data import ChartData
from .matrices import organisation_topic_chart, series_coverage_chart
from .over_time import trend_chart_builder
from .people import speaker_network_chart


@dataclass(frozen=True)
class Insight:
    """One chart: its address, its words, and how it is made of a list."""

    slug: str
    title: str
    description: str
    make: Callable[[ResultList], "ChartData"]
    template: str
    noun: str = "session"

    @property
    def url(self):
        return reverse("sessions:insight", args=[self.slug])

    def result_list_for(self, query: QueryDict, path: str, **options) -> ResultList:
        """Return the list whose records the chart counts."""
        kind = RECOMMENDATIONS if self.noun == "recommendation" else SESSIONS
        return kind.result_list(query, path=path, **options)


INSIGHTS = {
    insight.slug: insight
    for insight in (
        Insight(
            "topics", gettext_lazy("Topics over time"),
            gettext_lazy("How many sessions each topic had in each year; a topic includes those below it."),
            trend_chart_builder("topic"), "trends",
        ),
        Insight(
            "regions", gettext_lazy("Regions over time"),
            gettext_lazy("How many sessions were about each region in each year."),
            trend_chart_builder("region"), "trends",
        ),
        Insight(
            "series", gettext_lazy("Series over time"),
            gettext_lazy("How many sessions each series had in each year."),
            trend_chart_builder("series"), "trends",
        ),
        Insight(
            "organisations", gettext_lazy("Organisations over time"),
            gettext_lazy("At how many sessions of each year somebody spoke for each organisation, "
                         "by the affiliation of the day."),
            trend_chart_builder("organisation"), "trends",
        ),
        Insight(
            "people", gettext_lazy("Who appeared with whom"),
            gettext_lazy("Speakers who were in a session together, as a network and as pairs."),
            speaker_network_chart, "people",
        ),
        Insight(
            "organisations-and-topics", gettext_lazy("Which organisations speak on what"),
            gettext_lazy("At how many sessions of each topic somebody spoke for each organisation."),
            organisation_topic_chart, "matrices",
        ),
        Insight(
            "recommendations", gettext_lazy("Which recommendations recur"),
            gettext_lazy("Advice that several sessions gave in much the same words: by whom, and over "
                         "which years."),
            recurring_advice_chart, "advice", "recommendation",
        ),
        Insight(
            "coverage", gettext_lazy("Coverage"),
            gettext_lazy("What each series has had on each topic, and in which year: the blank cells "
                         "are what nobody has spoken about yet."),
            series_coverage_chart, "matrices",
        ),
    )
}  # fmt: skip
