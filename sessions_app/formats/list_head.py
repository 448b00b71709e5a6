"""Metadata of pages that list records: sessions, recommendations, or authority records of a kind."""

from collections.abc import Iterable

from sessions_app.catalogue.result_list import ResultList

from . import json_ld
from .head import Head, breadcrumbs


def result_list_head(result_list: ResultList, site) -> Head:
    """Return the head of the list of all sessions or recommendations, whatever it is narrowed to."""
    return list_head(
        result_list.name,
        result_list.path,
        result_list.page_url(result_list.hits.page),
        result_list.result_paths,
        total=result_list.hits.total,
        before=result_list.results_before,
        site=site,
    )


def list_head(
    name: str, path: str, own_path: str, results: Iterable[str], *, total: int, before: int, site
) -> Head:
    """Return the head of a list.

    `name` and `path` are those of the whole list, `own_path` that of this page with its query.
    `results` are the paths of the records on the page, `total` is the number of all, `before` the
    number of those on earlier pages.
    """
    return Head(
        json_ld=[
            json_ld.collection(name, own_path, results, total=total, before=before),
            breadcrumbs([(site.name, "/"), (name, path)]),
        ]
    )
