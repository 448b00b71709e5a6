"""Highlighting in given texts, with the same matching as in the search."""

from collections.abc import Iterable

from django.utils.safestring import SafeString

from search_app.index.tantivy_index import StoredPart
from search_app.query.parser import parse_query

from .excerpts import Marker, highlighted_text


def mark_matches(texts: Iterable[str], typed: str) -> list[SafeString | None]:
    """Return each text with the words of `typed` marked, None if it has none of them."""
    marker = Marker(parse_query(typed))
    marked = []
    for text in texts:
        part = StoredPart("transcript", "", text)
        spans, _ = marker.spans(part)
        marked.append(highlighted_text(text, spans) if spans else None)
    return marked
