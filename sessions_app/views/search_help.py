"""How searching works, with examples from this archive's own records."""

from django.views.generic import TemplateView

from sessions_app.catalogue.search_examples import find_search_examples


class SearchHelpView(TemplateView):
    template_name = "sessions_app/search_help.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(examples=find_search_examples(), **kwargs)
