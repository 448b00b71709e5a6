"""The engine, Tantivy: schema, analysers, and an index in a folder or in memory.

Tantivy is used only in `index/` and `results/`. An index contains one kind of records.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

import tantivy
from tantivy import Occur, Query

from search_app.change_log import Position
from search_app.tokenizer import (
    MAX_WORD_CHARACTERS,
    fold,
    name_as_single_word,
    words_and_compounds_to_index,
)

from .documents import (
    FIELD_WEIGHTS,
    FIELDS,
    FIELDS_SEARCHABLE_WITHOUT_EXCERPT,
    NAME_FIELDS,
    IndexDocument,
)

# Part of the folder name: increase it when the schema, the analysers or the stored format change.
INDEX_FORMAT_VERSION = 7
# The engine returns a set of documents as an aggregation: one bucket per KEYS_PER_BLOCK keys with the sum of
# their bits, exact in a float64 up to 53 bits. This takes a tenth of the time of a list of hits.
KEYS_PER_BLOCK = 52
EXACT_FIELD_SUFFIX = "_exact"  # suffix of unstemmed fields, for prefixes and exact word forms
WHOLE_NAME_FIELD_SUFFIX = "_whole"  # suffix of fields in which a complete name is a single term
# All public words of a document, REPETITIONS_PER_WEIGHT times for each unit of the weight of their
# field. The unstemmed field next to it shows whether the exact word form occurs.
RANKING_FIELD = "ranking"
REPETITIONS_PER_WEIGHT = 2
FINDABLE_FIELD_SUFFIX = "_findable"  # suffix of fields that only show whether a word occurs
# Bytes; the engine requires at least 15 MB.
HEAP_BYTES_FOR_EDITS, HEAP_BYTES_FOR_BULK = (
    15_000_000,
    128_000_000,
)
POSITION_MARKER = "position"


class StoredPart(NamedTuple):
    """A stored piece of text, for excerpts and similarity."""

    field: str
    label: str
    text: str


class StoredRow(NamedTuple):
    """What the columns need of a document; days are ordinals, moments microseconds."""

    slug: str
    title: str
    first_day: int | None
    last_day: int | None
    published_at: int | None
    updated_at: int | None
    true_from: int | None
    length: int  # number of words in the ranked fields
    facets: dict[str, list[str]]


@cache
def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_float_field("bit", fast=True)
    builder.add_integer_field("first_day", indexed=True, fast=True)
    builder.add_integer_field("last_day", indexed=True, fast=True)
    builder.add_text_field("marker", tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("stored_row", stored=True)
    builder.add_bytes_field("parts", stored=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="stemmed")
        builder.add_text_field(
            name + EXACT_FIELD_SUFFIX, tokenizer_name="spaced", index_option="basic"
        )
    builder.add_text_field(RANKING_FIELD, tokenizer_name="stemmed")
    builder.add_text_field(RANKING_FIELD + EXACT_FIELD_SUFFIX, tokenizer_name="spaced")
    for name in NAME_FIELDS:
        builder.add_text_field(
            name + WHOLE_NAME_FIELD_SUFFIX, tokenizer_name="raw", index_option="basic"
        )
    for name in FIELDS_SEARCHABLE_WITHOUT_EXCERPT:
        builder.add_text_field(
            name + FINDABLE_FIELD_SUFFIX, tokenizer_name="stemmed", index_option="basic"
        )
    return builder.build()


def _build_analyser(*filters: tantivy.Filter) -> tantivy.TextAnalyzer:
    # tokenizer.py has already folded and split the words, so the engine only splits at spaces.
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    # The filter counts bytes.
    for filter_ in (tantivy.Filter.remove_long(4 * MAX_WORD_CHARACTERS), *filters):
        builder = builder.filter(filter_)
    return builder.build()


_stemmer = _build_analyser(tantivy.Filter.stemmer("english"))
_stem_cache: dict[str, str] = {}


def stem(word: str) -> str:
    """Return the stem of a folded word, as stored in the index. Words repeat, so stems are cached."""
    if (known := _stem_cache.get(word)) is not None:
        return known
    # More than a normal vocabulary: made-up words must not fill the memory.
    if len(_stem_cache) > 50_000:
        _stem_cache.clear()
    stems = _stemmer.analyze(word)
    _stem_cache[word] = stems[0] if stems else word
    return _stem_cache[word]


def query_for_all_documents() -> Query:
    """Return the query for all documents except the marker of the position, without scores."""
    every = Query.const_score_query(Query.all_query(), 0.0)
    marker = Query.term_query(schema(), "marker", POSITION_MARKER)
    return Query.boolean_query([(Occur.Must, every), (Occur.MustNot, marker)])


def query_for_key(key: int) -> Query:
    return Query.term_query(schema(), "key", key)


class Index:
    """An index in `folder`, or in memory without one. Raises ValueError or OSError if damaged."""

    def __init__(self, folder: Path | None):
        self.folder = folder
        if folder is None:
            self._index = tantivy.Index(schema())
        else:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(schema(), path=str(folder))
        self._index.register_tokenizer("stemmed", _stemmer)
        self._index.register_tokenizer("spaced", _build_analyser())
        self._index.config_reader("manual")

    def searcher(self) -> tantivy.Searcher:
        """Return the newest committed state; it does not change any more."""
        self._index.reload()
        return self._index.searcher()

    def writer(self, heap_bytes: int = HEAP_BYTES_FOR_EDITS) -> "Writer":
        return Writer(self._index.writer(heap_bytes, num_threads=1))


class Writer:
    """Adds and removes documents; nothing is visible before `commit`."""

    def __init__(self, writer):
        self._writer = writer

    def add(self, document: IndexDocument, weights: Mapping[str, float] = FIELD_WEIGHTS) -> None:
        fields = _fields_to_index(document, weights)
        self._writer.add_document(tantivy.Document.from_dict(fields, schema()))

    def remove(self, keys: list[int]) -> None:
        # By query: delete_documents_by_term does not find unsigned integers (tantivy 0.27.0).
        if keys:
            self._writer.delete_documents_by_query(Query.term_set_query(schema(), "key", keys))

    def commit(self, position: Position) -> None:
        """Make all changes visible, together with their position in the change log."""
        self._writer.delete_documents_by_term("marker", POSITION_MARKER)
        stored = json.dumps([position.id, position.mark]).encode()
        marker = {"marker": POSITION_MARKER, "stored_row": stored}
        self._writer.add_document(tantivy.Document.from_dict(marker, schema()))
        self._writer.commit()

    def close(self) -> None:
        """Wait for merges and release the engine's lock."""
        self._writer.wait_merging_threads()


def stored_position(searcher: tantivy.Searcher) -> Position | None:
    """Return the position stored with the documents, None in an index that has none yet."""
    hits = searcher.search(Query.term_query(schema(), "marker", POSITION_MARKER), 1).hits
    if not hits:
        return None
    return Position(*json.loads(searcher.doc(hits[0][1]).get_first("stored_row")))


def parse_stored_row(document: tantivy.Document) -> StoredRow:
    return StoredRow(*json.loads(document.get_first("stored_row")))


def parse_stored_parts(document: tantivy.Document) -> list[StoredPart]:
    return [StoredPart(*part) for part in json.loads(document.get_first("parts"))]


def stored_document(searcher: tantivy.Searcher, key: int) -> tantivy.Document | None:
    """Return the stored document of a key, or None."""
    hits = searcher.search(query_for_key(key), 1, count=False).hits
    return searcher.doc(hits[0][1]) if hits else None


def all_stored_rows(searcher: tantivy.Searcher) -> Iterator[tuple[int, StoredRow]]:
    """Yield (key, stored_row) of every document, by key."""
    count = searcher.search(query_for_all_documents(), 1).count
    if not count:
        return
    # `order_by` returns the key as the value of each hit, in the order of keys.
    for key, address in searcher.search(
        query_for_all_documents(), count, False, "key", 0, tantivy.Order.Asc
    ).hits:
        yield key, parse_stored_row(searcher.doc(address))


def _fields_to_index(document: IndexDocument, weights: Mapping[str, float]) -> dict:
    parts = [
        (name if name in FIELDS else "body", part.label, _without_lone_surrogates(part.text))
        for name, texts in document.text.items()
        for part in texts
        if part.text
    ]
    fields: dict[str, object] = {
        "key": document.key,
        "bit": float(1 << (document.key % KEYS_PER_BLOCK)),
        "parts": json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode(),
    }
    if document.starts_on:
        fields["first_day"] = document.starts_on.toordinal()
        fields["last_day"] = (document.ends_on or document.starts_on).toordinal()
    for name, _label, text in parts:
        # Each part is a separate value, so that no phrase match crosses two parts.
        fields.setdefault(name, []).extend(
            value for value in words_and_compounds_to_index(text) if value
        )
    for name in FIELDS:
        if name in fields:
            fields[name + EXACT_FIELD_SUFFIX] = fields[name]
    fields[RANKING_FIELD] = [
        value
        for name in FIELDS
        if name in fields and name in weights
        for value in fields[name] * max(1, round(REPETITIONS_PER_WEIGHT * weights[name]))
    ]
    rated = [value for name in FIELDS if name in weights for value in fields.get(name, ())]
    fields[RANKING_FIELD + EXACT_FIELD_SUFFIX] = rated
    stored_row = _build_stored_row(document, sum(len(value.split()) for value in rated))
    fields["stored_row"] = json.dumps(stored_row, separators=(",", ":")).encode()
    for name in NAME_FIELDS:
        names = document.names.get(name) or [text for field, _, text in parts if field == name]
        if whole := list(
            dict.fromkeys(
                filter(None, map(name_as_single_word, map(_without_lone_surrogates, names)))
            )
        ):
            fields[name + WHOLE_NAME_FIELD_SUFFIX] = whole
    for name, texts in document.findable.items():
        fields[name + FINDABLE_FIELD_SUFFIX] = [
            value
            for text in texts
            for value in words_and_compounds_to_index(_without_lone_surrogates(text))
            if value
        ]
    return fields


def _build_stored_row(document: IndexDocument, length: int) -> StoredRow:
    return StoredRow(
        document.slug,
        fold(document.sort_title),
        _ordinal_of_day(document.starts_on),
        _ordinal_of_day(document.ends_on or document.starts_on),
        microseconds_since_1970(document.published_at),
        microseconds_since_1970(document.updated_at),
        microseconds_since_1970(document.true_from),
        length,
        {name: list(dict.fromkeys(values)) for name, values in document.facets.items()},
    )


def _ordinal_of_day(day: date | None) -> int | None:
    return day.toordinal() if day else None


def microseconds_since_1970(moment: datetime | None) -> int | None:
    """Return a moment as whole microseconds since 1970; unlike a float of seconds this is exact."""
    return round(moment.timestamp() * 1_000_000) if moment else None


def _without_lone_surrogates(text: str) -> str:
    """Return text without lone surrogates, which UTF-8 cannot encode."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def matching_keys_as_bitmap(searcher: tantivy.Searcher, query: Query) -> Iterable[tuple[int, int]]:
    """Return the documents that match as (block, bits): key = KEYS_PER_BLOCK * block + number of the bit."""
    asked = {
        "blocks": {
            "histogram": {"field": "key", "interval": KEYS_PER_BLOCK, "min_doc_count": 1},
            "aggs": {"bits": {"sum": {"field": "bit"}}},
        }
    }
    totals = searcher.aggregate(query, asked)
    for bucket in totals["blocks"]["buckets"]:
        yield int(bucket["key"]) // KEYS_PER_BLOCK, int(bucket["bits"]["value"])
