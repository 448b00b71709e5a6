"""Metadata of the pages of speakers, organisations, series, topics and regions."""

from collections.abc import Iterable

from django.utils.text import Truncator

from sessions_app.catalogue.authorities import AuthorityType
from sessions_app.catalogue.result_list import ResultList

from . import json_ld
from .head import Head, breadcrumb_json_ld, open_graph_tags

JSON_LD_FUNCTION_BY_PARAMETER = {
    "speaker": json_ld.speaker,
    "organisation": json_ld.organisation,
    "series": json_ld.series,
    "topic": json_ld.defined_term,
    "region": json_ld.defined_term,
}


def authority_head(
    kind: AuthorityType, entry, ancestors: Iterable, sessions: ResultList, site
) -> Head:
    """Return the head of a public entry; with its sessions, unless these are filtered or paged.

    `ancestors` are the topics above one, the widest first.
    """
    path = entry.get_absolute_url()
    collection = []
    if not sessions.is_filtered:  # search engines are told to leave the other pages out
        total = sessions.hits.total
        collection = [
            json_ld.collection_page(str(entry), path, sessions.result_paths, total, path)
        ]
    told = getattr(entry, "biography", None) or getattr(entry, "description", "")
    return Head(
        meta=open_graph_tags(
            title=str(entry),
            path=path,
            description=Truncator(" ".join(told.split())).chars(300),
            site_name=site.name,
            kind="profile" if kind.parameter == "speaker" else "website",
        ),
        json_ld=[
            JSON_LD_FUNCTION_BY_PARAMETER[kind.parameter](entry),
            *collection,
            breadcrumb_json_ld(
                [
                    (kind.plural, kind.prefix),
                    *((above.name, above.get_absolute_url()) for above in ancestors),
                    (str(entry), path),
                ]
            ),
        ],
    )
