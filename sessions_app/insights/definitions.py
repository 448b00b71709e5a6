"""The charts of /insights/, by the last part of their addresses."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy

from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.catalogue.result_list import ResultList

from .advice import recurring_advice
from .chart_data import ChartData
from .matrices import coverage, organisations_and_topics
from .over_time import over_time
from .people import people


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

    def list_for(self, query: QueryDict, path: str, **options) -> ResultList:
        """Return the list whose records the chart counts."""
        kind = RECOMMENDATIONS if self.noun == "recommendation" else SESSIONS
        return kind.result_list(query, path=path, **options)


INSIGHTS = {
    insight.slug: insight
    for insight in (
        Insight(
            "topics", gettext_lazy("Topics over time"),
            gettext_lazy("How many sessions each topic had in each year; a topic includes those below it."),
            over_time("topic"), "trends",
        ),
        Insight(
            "regions", gettext_lazy("Regions over time"),
            gettext_lazy("How many sessions were about each region in each year."),
            over_time("region"), "trends",
        ),
        Insight(
            "series", gettext_lazy("Series over time"),
            gettext_lazy("How many sessions each series had in each year."),
            over_time("series"), "trends",
        ),
        Insight(
            "organisations", gettext_lazy("Organisations over time"),
            gettext_lazy("At how many sessions of each year somebody spoke for each organisation, "
                         "by the affiliation of the day."),
            over_time("organisation"), "trends",
        ),
        Insight(
            "people", gettext_lazy("Who appeared with whom"),
            gettext_lazy("Speakers who were in a session together, as a network and as pairs."),
            people, "people",
        ),
        Insight(
            "organisations-and-topics", gettext_lazy("Which organisations speak on what"),
            gettext_lazy("At how many sessions of each topic somebody spoke for each organisation."),
            organisations_and_topics, "matrices",
        ),
        Insight(
            "recommendations", gettext_lazy("Which recommendations recur"),
            gettext_lazy("Advice that several sessions gave in much the same words: by whom, and over "
                         "which years."),
            recurring_advice, "advice", "recommendation",
        ),
        Insight(
            "coverage", gettext_lazy("Coverage"),
            gettext_lazy("What each series has had on each topic, and in which year: the blank cells "
                         "are what nobody has spoken about yet."),
            coverage, "matrices",
        ),
    )
}  # fmt: skip
