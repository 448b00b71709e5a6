"""A search, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.safestring import SafeString

from search_app.query.query_ast import Query

SORTS = ("relevance", "newest", "oldest", "title", "published")


@dataclass(frozen=True)
class Criteria:
    """What to search for. Values of `filters` are OR within a facet, those of `required` AND."""

    kind: str = "session"
    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Inclusive; they match records with any day in the range, and never undated ones.
    date_after: date | None = None
    date_before: date | None = None
    updated_since: datetime | None = None
    sort: str = ""  # one of SORTS; "" means relevance with a text, newest without
    page: int = 1  # a page beyond the last one gives the last page
    per_page: int = 20
    facets: tuple[str, ...] = ()  # facets to count
    facet_limit: int = 10
    excerpts: bool = True
    suggests: bool = False  # whether to suggest another spelling when there are few results

    @property
    def order(self) -> str:
        """Return the effective order: `sort`, or the default for this query."""
        if self.sort in SORTS:
            return self.sort
        return "relevance" if self.text.strip() else "newest"


@dataclass(frozen=True)
class FacetCount:
    """`count` is the total of the same query with this value as the only one of its facet."""

    value: str
    count: int
    selected: bool = False


@dataclass(frozen=True)
class Excerpt:
    """The part of a record that matched, as HTML with <mark>; `html` is empty if only the title matched."""

    field: str
    label: str
    html: SafeString
    title_html: SafeString | None = None
    # (the matching term, the term in the query), if only another name matched
    other_name: tuple[str, str] | None = None
    offset: int = 0  # characters of the part before the first match


@dataclass(frozen=True)
class Hits:
    """One page of results with its totals, facets and suggestions."""

    keys: list[int]
    total: int
    page: int
    page_count: int
    facets: dict[str, list[FacetCount]] = field(default_factory=dict)
    facet_totals: dict[str, int] = field(default_factory=dict)
    # The counted facets that have a value in any record, regardless of the query.
    known_facets: frozenset[str] = frozenset()
    # The first and last year of all records, regardless of the query; () if "year" is not a facet.
    year_span: tuple[int, ...] = ()
    excerpts: dict[int, Excerpt] = field(default_factory=dict)
    suggestion: str | None = None
    understood: Query = field(default_factory=Query)
    # (term in the query, other name also searched for)
    synonyms_used: tuple[tuple[str, str], ...] = ()
    stale: bool = False  # the index lacks recent bulk changes; a later search includes them


@dataclass(frozen=True)
class SimilarHit:
    """A record similar to another one."""

    key: int
    score: float
    likeness: float  # share of a record's most distinctive words that the other one has, 0 to 1
    shared_words: tuple[str, ...]  # the most distinctive of them, as spelled in the text
    field: str  # the field of the other record with most of these words
