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
    # Inclusive; they match any day from starts_on to ends_on, and nothing that has no date.
    date_after: date | None = None
    date_before: date | None = None
    updated_since: datetime | None = None
    sort: str = ""  # one of SORTS; "" is relevance with text and newest without
    page: int = 1  # beyond the end: the last page
    per_page: int = 20
    facets: tuple[str, ...] = ()  # facets to count
    facet_limit: int = 10
    excerpts: bool = True
    suggests: bool = False  # whether another spelling is looked for when little is found

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
    # (the term that stands there, the term typed), if only another name of what was typed matched
    other_name: tuple[str, str] | None = None
    offset: int = 0  # characters of the part before its first match


@dataclass(frozen=True)
class Hits:
    """One page of results with its totals, facets and suggestions."""

    keys: list[int]
    total: int
    page: int
    page_count: int
    facets: dict[str, list[FacetCount]] = field(default_factory=dict)
    facet_totals: dict[str, int] = field(default_factory=dict)
    # The facets counted that any record has a value of, whatever was asked for.
    known_facets: frozenset[str] = frozenset()
    # The first and the last year of all records, whatever was asked for; () without "year" as facet.
    year_span: tuple[int, ...] = ()
    excerpts: dict[int, Excerpt] = field(default_factory=dict)
    suggestion: str | None = None
    understood: Query = field(default_factory=Query)
    synonyms_used: tuple[tuple[str, str], ...] = ()  # (term typed, other name looked for as well)
    stale: bool = False  # the index lies behind a bulk change; a later search sees it


@dataclass(frozen=True)
class SimilarHit:
    """A record similar to another one."""

    key: int
    score: float
    likeness: float  # share of what tells most about one that the other has too, 0 to 1
    shared_words: tuple[str, ...]  # the most telling of them, as spelled
    field: str  # the part of the other record in which most of these stand
