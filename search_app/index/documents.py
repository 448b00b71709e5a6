"""What other apps pass to the search index: documents of plain text and facet values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

# The fields of a document and the weight of a match in each. Text in any other field counts as
# "body".
FIELD_WEIGHTS = {
    "title": 2.5,
    "speaker": 2.5,
    "topic": 2.0,
    "recommendation": 2.0,
    "organisation": 1.5,
    "series": 1.2,
    "region": 1.2,
    "audience": 1.2,
    "summary": 1.0,
    "body": 1.0,
    "transcript": 0.5,
}
FIELDS = tuple(FIELD_WEIGHTS)
# Fields with names: a quoted value equal to a complete name matches only records with that name.
NAME_FIELDS = ("speaker", "organisation", "topic", "series", "region")
# Fields that `IndexDocument.findable` may add to.
FIELDS_SEARCHABLE_WITHOUT_EXCERPT = ("transcript",)


@dataclass(frozen=True)
class TextPart:
    """A piece of text; `label` says which of several ("3" for recommendation number 3)."""

    text: str
    label: str = ""


@dataclass(frozen=True)
class IndexDocument:
    """One public record as stored in the index. It must contain only what any visitor may read."""

    key: int  # primary key of the record
    slug: str  # breaks ties, so that every order is total
    text: Mapping[str, Sequence[TextPart]]  # field name (see FIELD_WEIGHTS) → parts
    facets: Mapping[str, Sequence[str]]  # facet name → values, including ancestors
    starts_on: date | None
    ends_on: date | None  # the last day; the same as starts_on for a record of one day
    published_at: datetime | None = None
    updated_at: datetime | None = None
    # The content may not be shown before this moment. It is in the past, unless the clock was wrong
    # when the record was read; the search then skips the record until it is read again.
    true_from: datetime | None = None
    # Additional text by field, matched only by a single whole word in that field: not by phrases,
    # prefixes or exclusions. It is not stored, ranked, suggested or quoted.
    findable: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Complete names by field (NAME_FIELDS); for a missing field, its texts are the names.
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    title: str = field(default="")  # for sorting by title; if empty, the text of "title" is used

    @property
    def sort_title(self) -> str:
        """Return the title by which lists are sorted."""
        return self.title or " ".join(part.text for part in self.text.get("title", ()))


class DocumentSource(Protocol):
    """Knows the records of one kind.

    An optional attribute `weights` names the fields that its documents have, instead of
    FIELD_WEIGHTS.
    """

    kind: str

    def keys(self) -> Iterable[int]:
        """Return the keys of all public records of this kind, streamed."""

    def documents(self, keys: Sequence[int]) -> Iterable[IndexDocument]:
        """Return documents for those of `keys` that are public; the others leave the index."""
