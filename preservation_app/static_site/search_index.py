"""The index that the browser searches: shards as scripts, loaded when a query needs them.

`archiveData(name, value)` in each script hands over one shard:

    meta        {"count", "chunk", "facets": {parameter: [[value, label], …]}, "words": [names of t-XX]}
    facets      {parameter: [for each session the numbers of its values]}
    docs-N      [[address, title, day in words, speakers, beginning of the summary,
                  attributes of text in its language], …]
    t-XX        [{word: its stem, where that differs}, {stem: [session, score, score in its title, …]}]
                of words and stems that begin alike

Sessions are numbered from the newest. Words and stems are those of the site's search, so that both find the
same. Scores are what the site's would be for a word alone, so that the order is nearly the same: what
several words weigh more because they stand together is not known here. static/js/static_archive.js
folds and splits a query as the tokenizer does.
"""

import json
import math
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from operator import add

from search_app.index.documents import FIELD_WEIGHTS, TextPart
from search_app.index.query_compiler import EXACT_WORD_WEIGHT, WORD_IN_NAME_WEIGHTS
from search_app.index.tantivy_index import REPETITIONS_PER_WEIGHT, stem
from search_app.tokenizer import words_and_variants

SESSIONS_PER_SHARD = 500  # in shards of documents
SCORE_SCALE = 100  # scores are stored as whole numbers
# The rated texts and the weight of a match in each: all fields, each with its own weight; all
# fields with equal weight; names. The title has a separate score, stored last.
WEIGHT_OF_RATED_TEXT = {
    "ranking": 1.0,
    "plain": EXACT_WORD_WEIGHT,
    **WORD_IN_NAME_WEIGHTS,
    "title": 1.0,
}
BM25_K1, BM25_B = 1.2, 0.75  # the parameters k1 and b of BM25, as the engine uses them


def shard_name_of_word(word: str) -> str:
    """Return the name of the shard of a word: by its first two letters, or the first of others."""
    if re.fullmatch("[a-z0-9]{2}", word[:2]):
        return f"t-{word[:2]}"
    if re.fullmatch("[a-z0-9]", word[:1]):
        return f"t-{word[0]}_"
    return f"t-u{ord(word[0]) % 256:02x}"


class StaticSearchIndex:
    """Collects sessions, newest first; `shards` yields (name, value ready for JSON)."""

    def __init__(self):
        # By stem: session, and the number of matches in each of RATED.
        self.postings: dict[str, array] = {}
        self.stems: dict[str, str] = {}  # only for words that differ from their stem
        self.lengths: list[
            list[int]
        ] = []  # for each session, the number of words in each of RATED
        self.documents: list[list] = []
        self.values: dict[str, dict[str, int]] = {}
        self.labels: dict[str, list[tuple[str, str]]] = {}
        self.facets: dict[str, list[list[int]]] = {}

    def add_session(
        self,
        document: list,
        texts: Mapping[str, Iterable[TextPart]],
        facets: dict[str, list[tuple[str, str]]],
    ) -> None:
        """Add one session: what its result shows, its texts as the site's index has them, {parameter: values}."""
        number = len(self.documents)
        self.documents.append(document)
        counts: dict[str, list[int]] = {}
        for name, parts in texts.items():
            times = max(1, round(REPETITIONS_PER_WEIGHT * FIELD_WEIGHTS[name]))
            step = [
                {"ranking": times, "plain": 1, name: 1}.get(rated, 0)
                for rated in WEIGHT_OF_RATED_TEXT
            ]
            for part in parts:
                for word in chain(*words_and_variants(part.text)):
                    stemmed = stem(word)
                    if stemmed != word:
                        self.stems[word] = stemmed
                    known = counts.setdefault(stemmed, [0] * len(step))
                    counts[stemmed] = list(map(add, known, step))
        self.lengths.append([sum(column) for column in zip(*counts.values(), strict=True)])
        for word, found in counts.items():
            self.postings.setdefault(word, array("I")).extend((number, *found))
        for parameter, found in facets.items():
            known = self.values.setdefault(parameter, {})
            labels = self.labels.setdefault(parameter, [])
            numbers = []
            for value, label in found:
                if value not in known:
                    known[value] = len(labels)
                    labels.append((value, label))
                numbers.append(known[value])
            self.facets.setdefault(parameter, []).append(numbers)

    def shards(self) -> Iterator[tuple[str, object]]:
        by_shard: dict[str, tuple[dict, dict]] = {}
        for word in sorted(self.stems):
            forms, _postings = by_shard.setdefault(shard_name_of_word(word), ({}, {}))
            forms[word] = self.stems[word]
        for word in sorted(self.postings):
            _forms, postings = by_shard.setdefault(shard_name_of_word(word), ({}, {}))
            postings[word] = self.postings[word]
        yield (
            "meta",
            {
                "count": len(self.documents),
                "chunk": SESSIONS_PER_SHARD,
                "facets": self.labels,
                "words": sorted(by_shard),
            },
        )
        yield "facets", self.facets
        for start in range(0, len(self.documents), SESSIONS_PER_SHARD):
            yield (
                f"docs-{start // SESSIONS_PER_SHARD}",
                self.documents[start : start + SESSIONS_PER_SHARD],
            )
        total = max(1, len(self.documents))
        means = [sum(column) / total for column in zip(*filter(None, self.lengths), strict=True)]
        for name in sorted(by_shard):
            forms, postings = by_shard[name]
            yield (
                name,
                [
                    forms,
                    {word: self._scores_of_stem(row, means) for word, row in postings.items()},
                ],
            )

    def _scores_of_stem(self, row: array, means: list[float]) -> list[int]:
        """Return [session, score, score in its title, …] of one stem, by BM25."""
        size = len(WEIGHT_OF_RATED_TEXT) + 1
        numbers, *columns = (row[place::size] for place in range(size))
        rarities = [
            math.log(1 + (len(self.documents) - count + 0.5) / (count + 0.5))
            for count in (sum(map(bool, column)) for column in columns)
        ]
        scores = []
        for number, *counts in zip(numbers, *columns, strict=True):
            *rated, titled = (
                weight * rarity * count * (BM25_K1 + 1)
                / (count + BM25_K1 * (1 - BM25_B + BM25_B * length / (mean or 1)))
                for weight, rarity, count, length, mean in zip(
                    WEIGHT_OF_RATED_TEXT.values(), rarities, counts, self.lengths[number], means, strict=True
                )
            )  # fmt: skip
            scores += [number, round(sum(rated) * SCORE_SCALE), round(titled * SCORE_SCALE)]
        return scores


def shard_as_script(name: str, value: object) -> bytes:
    """Return one shard as a script, without "<" and without characters that old engines cannot parse."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'archiveData("{name}",{text});\n'.encode()
