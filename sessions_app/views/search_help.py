"""How searching works, with examples from this archive's own records."""

from django.http import QueryDict
from django.views.generic import TemplateView

from ..lists import session_list


class SearchHelpView(TemplateView):
    template_name = "sessions_app/search_help.html"

    def get_context_data(self, **kwargs):
        found = session_list(
            QueryDict(), facet_names=("topic", "speaker", "organisation"), facet_limit=1
        )
        return super().get_context_data(
            top={name: (found.facet(name).values or [None])[0] for name in found.names},
            newest=found.results[0].session if found.results else None,
            **kwargs,
        )
