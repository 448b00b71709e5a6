"""Every value of one facet, for lists too long for the side column."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.views.generic import TemplateView

from sessions_app.catalogue.authorities import AUTHORITIES, EVERY_VALUE, with_name
from sessions_app.views.paging import step_links
from site_app.text.name_search import MAX_WORDS, typed_words

VALUES_A_PAGE = 200


class FacetValuesView(TemplateView):
    template_name = "sessions_app/facet_values.html"
    own_parameters = frozenset({"find", "values_page"})  # beside those of the list

    def get_context_data(self, **kwargs):
        parameter = self.kwargs["parameter"]
        if parameter not in self.kind.filter_class.facet_names:
            raise Http404
        query = self.request.GET.copy()
        find = typed_words(query.pop("find", [""])[-1])
        number = query.pop("values_page", ["1"])[-1]
        result_list = self.kind.result_list(
            query, facet_names=(parameter,), facet_limit=EVERY_VALUE, overrides={"per_page": 1}
        )
        counts = result_list.hits.facets.get(parameter, [])
        if find.text:
            counts = facet_values_matching(parameter, counts, find)
        page = Paginator(counts, VALUES_A_PAGE).get_page(number)
        result_list.hits.facets[parameter] = list(page.object_list)
        hidden = [(name, value) for name, values in query.lists() for value in values]
        own_query = urlencode([*hidden, ("find", find.text)])
        return super().get_context_data(
            facet=result_list.facet(parameter),
            page=page,
            **step_links(page, lambda number: f"?{own_query}&values_page={number}"),
            find=find.text,
            find_is_cut=find.is_cut,
            max_words=MAX_WORDS,
            list=result_list,
            back_url=result_list.url(),
            hidden=hidden,
            **kwargs,
        )


def facet_values_matching(parameter, counts, find):
    """Return those of the facet counts whose name contains every word of `find`."""
    if parameter not in AUTHORITIES:
        return [count for count in counts if find.text.casefold() in count.value.casefold()]
    entries = with_name(parameter, AUTHORITIES[parameter].model.objects.order_by(), find)
    slugs = set(entries.values_list("slug", flat=True))
    return [count for count in counts if count.value in slugs]
