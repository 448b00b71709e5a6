"""unAPI: the reference of each record of a page, in the formats of reference managers.

Records are known by what the evidence pack calls them, `session:<slug>` and
`recommendation:<slug>-<n>`. Source: unAPI specification, version 1.
"""

import json

from django.http import HttpResponse
from django.views import View
from lxml import etree

from sessions_app.formats import citations
from sessions_app.formats.json import remove_invalid_xml_characters
from sessions_app.selection.items import load_items
from site_app.models import SiteSettings

CITATION_FORMATS = {
    "ris": ("application/x-research-info-systems", citations.ris_record),
    "bibtex": ("application/x-bibtex", citations.bibtex_entry),
    "csl-json": (
        "application/vnd.citationstyles.csl+json",
        lambda citation: json.dumps(
            [citations.csl_json_item(citation)], ensure_ascii=False, indent=1
        ),
    ),
}


class UnapiView(View):
    """Without an id the formats there are; with one those of the record; with both the record."""

    query_parameters = frozenset({"id", "format"})

    def get(self, request):
        identifier, name = (request.GET.get(key, "").strip() for key in ("id", "format"))
        if not identifier:
            if name:
                return _error_response(400, "Give the id of a record beside the format.")
            return _formats_response(200)
        item = load_items([identifier]).get(identifier)
        if item is None:
            return _error_response(404, "There is no public record with this id.")
        if not name:
            return _formats_response(300, identifier)
        if name not in CITATION_FORMATS:
            return _error_response(
                406, f"Choose one of the formats {', '.join(CITATION_FORMATS)}."
            )
        media_type, write = CITATION_FORMATS[name]
        citation = item.citation(SiteSettings.load().name)
        if item.recommendation is None:
            citation = citations.with_pdf_urls(citation, item.session)
        return _build_response(write(citation), f"{media_type}; charset=utf-8")


def _formats_response(status, identifier=""):
    root = etree.Element("formats")
    if identifier:
        root.set("id", remove_invalid_xml_characters(identifier))
    for name, (media_type, _write) in CITATION_FORMATS.items():
        etree.SubElement(root, "format", name=name, type=media_type)
    text = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return _build_response(text, "application/xml; charset=utf-8", status)


def _error_response(status, words):
    return _build_response(words + "\n", "text/plain; charset=utf-8", status)


def _build_response(content, media_type, status=200):
    headers = {"X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type=media_type, status=status, headers=headers)
