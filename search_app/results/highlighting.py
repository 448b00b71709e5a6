"""Highlighting in given texts, with the same matching as in the search."""

from collections.abc import Iterable

from django.utils.safestring import SafeString

from search_app.index.tantivy_index import StoredPart
from search_app.query.parser import parse_query

from .excerpts import MatchFinder, highlighted_text


def mark_matches(texts: Iterable[str], query_text: str) -> list[SafeString | None]:
    """Return each text with the words of `query_text` marked, None if it has none of them."""
    finder = MatchFinder(parse_query(query_text))
    marked = []
    for text in texts:
        part = StoredPart("transcript", "", text)
        spans, _ = finder.find_matches(part)
        marked.append(highlighted_text(text, spans) if spans else None)
    return marked
