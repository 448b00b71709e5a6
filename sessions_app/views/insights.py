"""Charts of the archive, each with its numbers as a table and as CSV."""

import csv
import io
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from sessions_app.catalogue.filters import RecommendationFilter, SessionFilter
from sessions_app.catalogue.result_list import ResultList
from sessions_app.insights.chart_data import ChartData
from sessions_app.insights.definitions import INSIGHTS, Insight
from site_app.http.problem_details import invalid_parameters_response
from site_app.spreadsheets.escaping import escape_formula

MAX_VALUES_PER_FACET = 6  # values per filter next to a chart
INDEX_PAGE_CHART = "topics"  # the chart of the index page
# Each chart uses the filters of its list, and its links preserve those of the other list.
CHART_QUERY_PARAMETERS = SessionFilter.parameter_names() | RecommendationFilter.parameter_names()


@dataclass
class ChartLink:
    insight: Insight
    url: str
    is_current: bool


class ChartView(TemplateView):
    query_parameters = CHART_QUERY_PARAMETERS

    def chart_context(self, insight: Insight) -> dict:
        """Return what a page with one chart prints, its filters included."""
        result_list = insight.result_list_for(
            self.request.GET,
            self.request.path,
            facet_limit=MAX_VALUES_PER_FACET,
            overrides={"per_page": 1, "excerpts": False},
        )
        chart = insight.make(result_list)
        table = reverse("sessions:insight-table", args=[insight.slug])
        return {
            "insight": insight,
            "chart": chart,
            "chart_template": f"includes/insights/{insight.template}.html",
            "chart_links": self.chart_links(result_list, insight),
            "table_url": url_with_query(table, result_list.export_query),
            "list": result_list,
            **chart.parts,
        }

    def chart_links(self, result_list: ResultList, current: Insight) -> list[ChartLink]:
        query = result_list.query_string(without=("sort", "per_page", "group"))
        return [
            ChartLink(insight, url_with_query(insight.url, query), insight is current)
            for insight in INSIGHTS.values()
        ]


class InsightsView(ChartView):
    template_name = "sessions_app/insights.html"

    def get_context_data(self, **kwargs):
        context = self.chart_context(INSIGHTS[INDEX_PAGE_CHART])
        return super().get_context_data(is_overview=True, **context, **kwargs)


class InsightView(ChartView):
    template_name = "sessions_app/insights.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.chart_context(get_insight_or_404(kwargs["chart"])))


class InsightTableView(View):
    """The numbers of one chart as CSV. Unusable values are refused, as in exports."""

    query_parameters = CHART_QUERY_PARAMETERS

    def get(self, request, chart):
        insight = get_insight_or_404(chart)
        result_list = insight.result_list_for(
            request.GET, request.path, only_iso_dates=True, with_facets=False
        )
        if not result_list.filterset.is_valid():
            return invalid_parameters_response(result_list.filterset.errors)
        content = insight.make(result_list)
        response = HttpResponse(chart_data_as_csv(content), content_type="text/csv; charset=utf-8")
        name = f"{insight.slug}-{timezone.localdate():%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Robots-Tag"] = "noindex"
        return response


def get_insight_or_404(slug: str) -> Insight:
    if slug not in INSIGHTS:
        raise Http404(_("There is no chart at this address."))
    return INSIGHTS[slug]


def url_with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def chart_data_as_csv(content: ChartData) -> str:
    """Return a chart's numbers as CSV, with a byte-order mark so that Excel reads UTF-8."""
    written = io.StringIO()
    writer = csv.writer(written)
    for row in (content.columns, *content.rows):
        writer.writerow([escape_formula(str(cell)) for cell in row])
    return "\ufeff" + written.getvalue()
