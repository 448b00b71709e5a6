"""Documents in memory for tests of the search app: no records, no pages."""

from dataclasses import dataclass, field

from search_app import api, change_log
from search_app.criteria_and_hits import Criteria
from search_app.index.documents import IndexDocument, TextPart

KIND = "sample"


@dataclass
class Samples:
    """A document source with documents in memory."""

    kind: str = KIND
    stock: dict[int, IndexDocument] = field(default_factory=dict)

    def keys(self):
        return list(self.stock)

    def documents(self, keys):
        return [self.stock[key] for key in keys if key in self.stock]

    def put(self, key, *, day=None, last_day=None, facets=None, findable=None, **texts):
        self.stock[key] = IndexDocument(
            key=key,
            slug=texts.pop("slug", f"s{key}"),
            text={name: [TextPart(text)] for name, text in texts.items()},
            facets=facets or {},
            starts_on=day,
            ends_on=last_day or day,
            findable=findable or {},
        )
        change_log.record_changes(KIND, [key])


def found(text, **options) -> list[int]:
    """Return the keys of the samples that a search finds."""
    return sorted(api.search(Criteria(kind=KIND, text=text, **options)).keys)
