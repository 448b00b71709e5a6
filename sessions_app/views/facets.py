"""Every value of one facet, for lists too long for the side column."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.views.generic import TemplateView

from sessions_app.catalogue.authorities import (
    AUTHORITIES,
    NO_VALUE_LIMIT,
    entries_matching_name,
    names_by_slug,
)
from sessions_app.views.paging import previous_and_next_urls
from site_app.text.name_search import MAX_SEARCH_WORDS, parse_typed_words
from site_app.text.sort_keys import sort_key

VALUES_PER_PAGE = 200


class FacetValuesView(TemplateView):
    template_name = "sessions_app/facet_values.html"
    # In addition to those of the list.
    own_parameters = frozenset({"find", "order", "values_page"})

    def get_context_data(self, **kwargs):
        parameter = self.kwargs["parameter"]
        if parameter not in self.kind.filter_class.facet_names:
            raise Http404
        query = self.request.GET.copy()
        find = parse_typed_words(query.pop("find", [""])[-1])
        number = query.pop("values_page", ["1"])[-1]
        is_by_name = query.pop("order", [""])[-1] == "name"
        result_list = self.kind.result_list(
            query, facet_names=(parameter,), facet_limit=NO_VALUE_LIMIT, overrides={"per_page": 1}
        )
        counts = result_list.hits.facets.get(parameter, [])
        if find.text:
            counts = filter_counts_by_name(parameter, counts, find)
        if is_by_name:
            counts = sort_counts_by_name(parameter, counts)
        page = Paginator(counts, VALUES_PER_PAGE).get_page(number)
        result_list.hits.facets[parameter] = list(page.object_list)
        hidden = [(name, value) for name, values in query.lists() for value in values]
        shown = {count.value for count in page.object_list}
        own = [("find", find.text)] if find.text else []
        by_count_query, by_name_query = (
            urlencode([*hidden, *own]),
            urlencode([*hidden, *own, ("order", "name")]),
        )
        own_query = by_name_query if is_by_name else by_count_query
        return super().get_context_data(
            facet=result_list.facet(parameter),
            page=page,
            **previous_and_next_urls(page, lambda number: f"?{own_query}&values_page={number}"),
            is_by_name=is_by_name,
            by_count_query=by_count_query,
            by_name_query=by_name_query,
            # Hidden fields of the form: all parameters except the values shown here.
            carried=[
                (name, value)
                for name, value in hidden
                if name != "page" and not (name == parameter and value in shown)
            ],
            find=find.text,
            find_is_cut=find.is_cut,
            max_words=MAX_SEARCH_WORDS,
            list=result_list,
            back_url=result_list.url(),
            hidden=hidden,
            **kwargs,
        )


def sort_counts_by_name(parameter, counts):
    """Return the facet counts in alphabetical order of what they are called; one query."""
    names = names_by_slug({parameter: [count.value for count in counts]})
    return sorted(
        counts,
        key=lambda count: sort_key(names.get((parameter, count.value), count.value)),
    )


def filter_counts_by_name(parameter, counts, find):
    """Return those of the facet counts whose name contains every word of `find`."""
    if parameter not in AUTHORITIES:
        return [count for count in counts if find.text.casefold() in count.value.casefold()]
    entries = entries_matching_name(
        parameter, AUTHORITIES[parameter].model.objects.order_by(), find
    )
    slugs = set(entries.values_list("slug", flat=True))
    return [count for count in counts if count.value in slugs]
