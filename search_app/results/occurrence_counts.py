"""Counts of a query's words in a text that can be searched but not read."""

from dataclasses import dataclass

from search_app.index.query_compiler import single_word_if_any
from search_app.index.tantivy_index import stem
from search_app.query.query_ast import Query, Word, positive_leaves
from search_app.tokenizer import words_and_variants


@dataclass(frozen=True)
class QueryWords:
    """The whole words that a query contains for one field, without exclusions."""

    typed: tuple[str, ...]
    stems: frozenset[str]

    @staticmethod
    def from_query(query: Query, field: str) -> "QueryWords":
        leaves = positive_leaves(query.nodes_to_match)
        text_of_stem = {
            stem(word): leaf.text
            for leaf in leaves
            if isinstance(leaf, Word) and leaf.field == field
            for word in single_word_if_any(leaf)
        }
        return QueryWords(tuple(dict.fromkeys(text_of_stem.values())), frozenset(text_of_stem))

    def count_occurrences(self, text: str) -> int:
        """Return how many words of `text` match the query."""
        words, joined = words_and_variants(text)
        return sum(stem(word) in self.stems for word in (*words, *joined))
