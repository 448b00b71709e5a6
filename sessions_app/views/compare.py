"""Chosen sessions and recommendations side by side."""

from django.views.generic import TemplateView

from sessions_app.selection.comparison_table import MAX_COLUMNS, ComparisonTable


class CompareView(TemplateView):
    template_name = "sessions_app/compare.html"
    query_parameters = frozenset({"item", "by"})

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            table=ComparisonTable(self.request.GET),
            most=MAX_COLUMNS,
            report_path=self.request.path,
            **kwargs,
        )

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response
