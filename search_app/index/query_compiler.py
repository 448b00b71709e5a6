"""From the tree of a search text to the engine's queries."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from tantivy import FieldType, Occur, Query

from search_app.index.documents import FIELD_WEIGHTS, FIELDS_SEARCHABLE_WITHOUT_EXCERPT
from search_app.index.tantivy_index import (
    EXACT_FIELD_SUFFIX,
    FINDABLE_FIELD_SUFFIX,
    RANKING_FIELD,
    WHOLE_NAME_FIELD_SUFFIX,
    query_for_all_documents,
    schema,
    stem,
)
from search_app.query import personal_titles, query_ast
from search_app.query.query_ast import AllOf, AnyOf, Node, Phrase, Since, Until, Without, Word
from search_app.tokenizer import is_cjk

# Additional weights for words of a query that occur together. Like the field weights, they were
# tuned with benchmarks/known_item.py, with a different seed from the published figures.
WORDS_AS_TITLE_PHRASE_WEIGHT = 3.0  # the title, or another field that names the record
ALL_WORDS_IN_TITLE_WEIGHT = 1.0  # in any order
MAX_WORDS_BETWEEN_NEAR_WORDS = 8
NEAR_PAIR_WEIGHT = 0.25  # two consecutive words of the query near each other in a field
MAX_NEAR_PAIRS = 8
QUOTED_PHRASE_IN_TITLE_WEIGHT = 0.3  # a phrase in the title, in addition to its match anywhere
ONLY_WORD_IN_TITLE_WEIGHT = 3.0  # the only word of a query in the title
EXACT_WORD_WEIGHT = 0.5  # the exact word form, in addition to its stem
EXACT_PHRASE_WEIGHT = 1.0  # the same for a phrase
# A word in a name, in addition to its match anywhere.
WORD_IN_NAME_WEIGHTS = {
    "speaker": 0.6,
    "topic": 0.4,
}


class QueryCompiler:
    """Makes engine queries over the given fields, with their weights."""

    def __init__(self, weights: Mapping[str, float] | None = None, *, with_findable: bool = True):
        self.weights = dict(weights or FIELD_WEIGHTS)
        self.main = max(self.weights, key=self.weights.get)  # the field that names a record
        self.with_findable = with_findable

    def matching_query(self, nodes: tuple[Node, ...]) -> Query:
        """Return what matches every node; without nodes, everything."""
        wanted = [self._node_query(node) for node in nodes if not isinstance(node, Without)]
        # An exclusion that also matched findable text would reveal its words one by one.
        shown = QueryCompiler(self.weights, with_findable=False)
        unwanted = [shown._node_query(node.node) for node in nodes if isinstance(node, Without)]
        if len(wanted) == 1 and not unwanted:
            return wanted[0]
        clauses = [(Occur.Must, query) for query in wanted or [query_for_all_documents()]]
        return Query.boolean_query([*clauses, *((Occur.MustNot, query) for query in unwanted)])

    def matching_query_with_scores(self, query: query_ast.Query) -> Query:
        """Return the query for a text, scored by its words in the whole record (BM25 over all
        fields together, each by its weight), and higher if they occur together.
        """
        matching = (
            Occur.Must,
            Query.const_score_query(self.matching_query(query.nodes_to_match), 0.0),
        )
        rated = [self._rating_query(node) for node in query.nodes_to_match]
        rated += self._closeness_queries(query)
        scoring = [(Occur.Should, query) for query in rated if query is not None]
        return Query.boolean_query([matching, *scoring])

    def _rating_query(self, node: Node) -> Query | None:
        """Return the query that scores records matching a node, None if the node does not rank."""
        match node:
            case Word() if not node.field and not node.is_prefix and len(node.words) == 1:
                if _is_single_cjk(node.words[0]):
                    return self._node_query(node)
                wanted = stem(node.words[0])
                named = [
                    Query.boost_query(Query.term_query(schema(), name, wanted), weight)
                    for name, weight in WORD_IN_NAME_WEIGHTS.items()
                    if name in self.weights
                ]
                standing = Query.term_query(schema(), RANKING_FIELD, wanted)
                return _any_of_queries(
                    [standing, _exact_form_query(node.words, EXACT_WORD_WEIGHT), *named]
                )
            case Phrase(field="", is_whole=False):
                return self._phrase_rating_query(node)
            case Word() | Phrase():
                return self._node_query(node)
            case AnyOf() | AllOf():
                rated = [self._rating_query(child) for child in node.nodes]
                rated = [query for query in rated if query is not None]
                return _any_of_queries(rated) if rated else None
        return None

    def _phrase_rating_query(self, phrase: Phrase) -> Query:
        """Return the query that scores records with a phrase by where it occurs in the whole record."""
        standing = _consecutive_words_query(RANKING_FIELD, phrase.words)
        titled = _consecutive_words_query(self.main, phrase.words)
        rated = [standing, Query.boost_query(titled, QUOTED_PHRASE_IN_TITLE_WEIGHT)]
        return _any_of_queries([*rated, _exact_form_query(phrase.words, EXACT_PHRASE_WEIGHT)])

    def _closeness_queries(self, query: query_ast.Query) -> list[Query]:
        """Return queries that score records higher if words of the query occur together."""
        plain = [
            node
            for node in query.nodes
            if isinstance(node, Word) and not node.field and not node.is_prefix
        ]
        stems = [stem(word) for node in plain for word in node.words]
        if len(stems) == 1 and len(query.nodes) == 1:
            titled = Query.term_query(schema(), self.main, stems[0])
            return [Query.boost_query(titled, ONLY_WORD_IN_TITLE_WEIGHT)]
        if not 2 <= len(stems) <= 12:
            return []
        together = [
            (self._all_words_in_field_query(self.main, plain), ALL_WORDS_IN_TITLE_WEIGHT),
            (Query.phrase_query(schema(), self.main, stems, 1), WORDS_AS_TITLE_PHRASE_WEIGHT),
        ]
        for pair in list(pairwise(stems))[:MAX_NEAR_PAIRS]:
            near = [
                Query.phrase_query(
                    schema(), RANKING_FIELD, list(order), MAX_WORDS_BETWEEN_NEAR_WORDS
                )
                for order in dict.fromkeys((pair, pair[::-1]))
            ]
            together.append((Query.disjunction_max_query(near), NEAR_PAIR_WEIGHT))
        return [Query.boost_query(query, weight) for query, weight in together]

    def _all_words_in_field_query(self, field: str, words: list[Word]) -> Query:
        return self.matching_query(tuple(replace(node, field=field) for node in words))

    def _node_query(self, node: Node) -> Query:
        match node:
            case Word():
                return self._word_query(node)
            case Phrase(is_whole=True):
                return Query.term_query(
                    schema(), node.field + WHOLE_NAME_FIELD_SUFFIX, "_".join(node.words)
                )
            case Phrase():
                return self._in_fields_query(
                    node.field, lambda name: _phrase_query(name, node.words)
                )
            case Since():
                return _day_range_query("last_day", lower=node.day.toordinal())
            case Until():
                return _day_range_query("first_day", upper=node.day.toordinal() - 1)
            case AnyOf():
                return _any_of_queries([self._node_query(child) for child in node.nodes])
            case Without():
                return self.matching_query((node,))
            case AllOf():
                return self.matching_query(node.nodes)

    def _word_query(self, word: Word) -> Query:
        if word.is_prefix or (len(word.words) == 1 and _is_single_cjk(word.words[0])):
            return self._in_fields_query(
                word.field, lambda name: _prefix_query(name, word.words[0])
            )
        public = self._in_fields_query(
            word.field, lambda name: _word_or_compound_query(name, word)
        )
        if not self.with_findable or word.field not in FIELDS_SEARCHABLE_WITHOUT_EXCERPT:
            return public
        return _any_of_queries(
            [
                public,
                *(_findable_word_query(word.field, single) for single in single_word_if_any(word)),
            ]
        )

    def _in_fields_query(self, field: str, query_of_field) -> Query:
        """Return the query of one field, or of any of them with their weights."""
        names = [field] if field else self.weights
        weighted = [
            Query.boost_query(query_of_field(name), self.weights.get(name, 1.0)) for name in names
        ]
        return _any_of_queries(weighted)


def _any_of_queries(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _exact_form_query(words: tuple[str, ...], weight: float) -> Query:
    """Return the query that scores this exact form higher than its stem."""
    field = RANKING_FIELD + EXACT_FIELD_SUFFIX
    if len(words) == 1:  # the engine panics on a phrase of one word
        standing = Query.term_query(schema(), field, words[0])
    else:
        standing = Query.phrase_query(schema(), field, list(words))
    return Query.boost_query(standing, weight)


def _word_or_compound_query(field: str, word: Word) -> Query:
    parts = _consecutive_words_query(field, word.words)
    if not word.joined or len(word.words) == 1:
        return parts
    joined = Query.term_query(schema(), field, stem(word.joined))
    return Query.disjunction_max_query([parts, joined])


def single_word_if_any(word: Word) -> list[str]:
    """Return the single folded word that `word` means, as typed or as a compound, if there is one."""
    if word.is_prefix:
        return []
    text = word.words[0] if len(word.words) == 1 else word.joined
    return [text] if text and not _is_single_cjk(text) else []


def _findable_word_query(field: str, word: str) -> Query:
    there = Query.term_query(schema(), field + FINDABLE_FIELD_SUFFIX, stem(word))
    return Query.const_score_query(there, 0.0)


def _consecutive_words_query(field: str, words: tuple[str, ...]) -> Query:
    stems = [stem(word) for word in words]
    if len(stems) == 1:  # the engine panics on a phrase of one word
        return Query.term_query(schema(), field, stems[0])
    return Query.phrase_query(schema(), field, stems)


def _phrase_query(field: str, words: tuple[str, ...]) -> Query:
    """Return the query for consecutive words; those of a person's name may be in any order."""
    if field != personal_titles.PEOPLE_FIELD:
        return _consecutive_words_query(field, words)
    return _any_of_queries(
        [_consecutive_words_query(field, order) for order in personal_titles.name_orders(words)]
    )


def _prefix_query(field: str, beginning: str) -> Query:
    # With a distance of 0 the engine iterates over the terms with this prefix; building a regular
    # expression would take a hundred times as long.
    return Query.fuzzy_term_query(
        schema(), field + EXACT_FIELD_SUFFIX, beginning, distance=0, prefix=True
    )


def _day_range_query(field: str, lower: int | None = None, upper: int | None = None) -> Query:
    days = Query.range_query(schema(), field, FieldType.Integer, lower, upper)
    return Query.const_score_query(days, 0.0)


def _is_single_cjk(word: str) -> bool:
    return len(word) == 1 and is_cjk(word)
