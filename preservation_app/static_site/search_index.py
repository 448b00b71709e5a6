"""The index that the browser searches: shards as scripts, loaded when a query needs them.

`archiveData(name, value)` in each script hands over one shard:

    meta        {"count", "chunk", "facets": {parameter: [[value, label], …]}, "words": [names of t-XX]}
    facets      {parameter: [for each session the numbers of its values]}
    docs-N      [[address, title, day in words, speakers, beginning of the summary], …]
    t-XX        {word: [number of a session, weight, …]}, words that begin alike

Sessions are numbered from the newest. static/js/static_archive.js folds and splits words as `words` does.
"""

import json
import re
import unicodedata
from array import array
from collections.abc import Iterator

CHUNK = 500  # sessions of one docs shard
WEIGHTS = {"title": 8, "names": 6, "topics": 4, "recommendations": 3, "summary": 1}
MAX_WEIGHT = 30
MAX_WORD = 40  # letters
_WORD = re.compile(r"[^\W_]+")
# Runs of these are written without spaces: every two neighbours are a word.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")


def words(text: str) -> Iterator[str]:
    """Yield the words of a text, folded: without case, accents and what is no letter or number."""
    folded = unicodedata.normalize("NFKD", text)
    folded = "".join(sign for sign in folded if not unicodedata.combining(sign)).lower()
    # Hangul is taken apart by NFKD, and put together again here.
    for found in _WORD.finditer(unicodedata.normalize("NFC", folded)):
        word, end = found[0], 0
        for run in _UNSPACED.finditer(word):
            if run.start() > end:
                yield word[end : run.start()][:MAX_WORD]
            signs = run[0]
            yield from (signs[n : n + 2] for n in range(max(1, len(signs) - 1)))
            end = run.end()
        if end < len(word):
            yield word[end:][:MAX_WORD]


def shard_of(word: str) -> str:
    """Return the name of the shard of a word: by its first two letters, or the first of others."""
    if re.fullmatch("[a-z0-9]{2}", word[:2]):
        return f"t-{word[:2]}"
    if re.fullmatch("[a-z0-9]", word[:1]):
        return f"t-{word[0]}_"
    return f"t-u{ord(word[0]) % 256:02x}"


class SearchIndex:
    """Collects sessions, newest first; `shards` yields (name, value ready for JSON)."""

    def __init__(self):
        self.postings: dict[str, array] = {}
        self.documents: list[list[str]] = []
        self.values: dict[str, dict[str, int]] = {}
        self.labels: dict[str, list[tuple[str, str]]] = {}
        self.facets: dict[str, list[list[int]]] = {}

    def add(
        self,
        document: list[str],
        texts: dict[str, str],
        facets: dict[str, list[tuple[str, str]]],
    ) -> None:
        """Add one session: what its result shows, {key of WEIGHTS: text}, {parameter: values}."""
        number = len(self.documents)
        self.documents.append(document)
        weights: dict[str, int] = {}
        for name, text in texts.items():
            for word in words(text):
                weights[word] = min(MAX_WEIGHT, weights.get(word, 0) + WEIGHTS[name])
        for word, weight in weights.items():
            self.postings.setdefault(word, array("I")).extend((number, weight))
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
        by_shard: dict[str, list[str]] = {}
        for word in sorted(self.postings):
            by_shard.setdefault(shard_of(word), []).append(word)
        yield (
            "meta",
            {
                "count": len(self.documents),
                "chunk": CHUNK,
                "facets": self.labels,
                "words": sorted(by_shard),
            },
        )
        yield "facets", self.facets
        for start in range(0, len(self.documents), CHUNK):
            yield f"docs-{start // CHUNK}", self.documents[start : start + CHUNK]
        for name in sorted(by_shard):
            yield name, {word: self.postings[word].tolist() for word in by_shard[name]}


def script(name: str, value: object) -> bytes:
    """Return one shard as a script. No "<" stands in it, nor a sign that old engines break at."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'archiveData("{name}",{text});\n'.encode()
