"""Metadata of pages that list records: sessions, recommendations, or authority records of a kind."""

from collections.abc import Iterable

from sessions_app.catalogue.result_list import ResultList

from . import json_ld
from .head import Head, breadcrumb_json_ld


def result_list_head(result_list: ResultList, site) -> Head:
    """Return the head of the list of sessions or recommendations."""
    paths = None if result_list.is_filtered else result_list.result_paths
    return list_head(
        str(result_list.kind.heading), result_list.path, paths, result_list.hits.total, site
    )


def list_head(name: str, path: str, results: Iterable[str] | None, total: int, site) -> Head:
    """Return the head of a list.

    `results` are the paths of the records on the page, `total` is the number of all. They are None
    for a page with a query: search engines are told to leave it out.
    """
    collection = [] if results is None else [json_ld.collection_page(name, path, results, total)]
    return Head(json_ld=[*collection, breadcrumb_json_ld([(site.name, "/"), (name, path)])])
