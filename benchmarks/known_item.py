"""Known-item search: the rank of the one session from which a query was made.

    python -m benchmarks.known_item --talks talks.jsonl.gz
    python -m benchmarks.known_item --var DIR            (an existing database)

Queries are made from the archive's own records with a fixed seed, following Azzopardi, de Rijke and
Balog, "Building simulated queries for known-item topics" (SIGIR 2007): a record is drawn, then words
of it. The archive's search is compared with SQLite's FTS5 over the same fields of the same documents,
with porter stemming and accents removed: ordered by its default bm25, and by bm25 with the archive's
field weights. Every query is run against all three.

Prints success@1 (the share of queries whose record is first) and MRR@10 (the mean of 1/rank, 0 beyond
rank 10) for each kind. "through" follows the suggested spelling, if there is one, as a reader would
by clicking it; the last column is the number of queries with a suggestion.
"""

import argparse
import math
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.archive import add_archive_options, open_archive

DEPTH = 10  # number of results examined
TELLING = 10  # most distinctive words of a summary, by tf·idf
RARE_ACRONYM = 50  # sessions with the acronym
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FEWEST_LETTERS = 4  # minimum letters of a content word, and of a word to be misspelled
_ACRONYM = re.compile(r"\b[A-Z]{2,6}\b")
_SPELLED_OUT = re.compile(r"((?:[\w-]+ ){1,6})\(([A-Z]{2,6})\)")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Record:
    key: int
    texts: dict[str, str]  # field: its parts, one per line
    family_names: tuple[str, ...]

    @property
    def all_text(self) -> str:
        return "\n".join(self.texts.values())


@dataclass(frozen=True)
class Known:
    """A query and the record from which it was made."""

    text: str
    key: int


@dataclass
class Score:
    ranks: list[int] = field(default_factory=list)  # 1-based; 0: not among the first DEPTH

    @property
    def success(self) -> float:
        return sum(rank == 1 for rank in self.ranks) / max(len(self.ranks), 1)

    @property
    def mrr(self) -> float:
        return sum(1 / rank for rank in self.ranks if rank) / max(len(self.ranks), 1)


def read_records() -> list[Record]:
    """Return every public session with its texts in the index."""
    from sessions_app.indexing.sessions import SessionDocumentSource  # needs the settings
    from sessions_app.models import Appearance

    families: dict[int, list[str]] = {}
    rows = Appearance.objects.order_by("pk").values_list("session_id", "speaker__family_name")
    for session, name in rows:
        families.setdefault(session, []).append(name)
    maker = SessionDocumentSource()
    keys = list(maker.keys())
    return [
        Record(
            document.key,
            {
                name: "\n".join(part.text for part in parts)
                for name, parts in document.text.items()
            },
            tuple(families.get(document.key, ())),
        )
        for start in range(0, len(keys), 1000)
        for document in maker.documents(keys[start : start + 1000])
    ]


class Queries:
    """Makes the queries of each kind; the same seed and records give the same queries."""

    def __init__(self, records: list[Record], count: int, seed: int):
        from search_app.tokenizer import folded_words

        self.records = sorted(records, key=lambda record: record.key)
        self.count, self.seed = count, seed
        self.frequency = Counter(
            word for record in self.records for word in set(folded_words(record.all_text))
        )
        self.pairs = self.acronyms_spelled_out()

    def made(self, of_record: Callable[[Record, random.Random], str]) -> list[Known]:
        """Return `count` queries of one kind, each from a different record."""
        chance = random.Random(f"{self.seed} {of_record.__name__}")
        found = []
        for record in chance.sample(self.records, len(self.records)):
            if text := of_record(record, chance):
                found.append(Known(text, record.key))
                if len(found) == self.count:
                    break
        return found

    def title(self, record, chance) -> str:
        found = content_words(record.texts["title"])
        if len(found) < 3:
            return ""
        return " ".join(found[place] for place in sorted(chance.sample(range(len(found)), 3)))

    def name_and_topic(self, record, chance) -> str:
        topics = content_words(record.texts["topic"], shortest=3)
        if not topics or not record.family_names:
            return ""
        return f"{chance.choice(record.family_names)} {chance.choice(topics)}"

    def two_words(self, record, chance) -> str:
        """Two of the TELLING most distinctive words of the summary, as a reader might remember."""
        return self._telling_words(record, chance, 2)

    def three_words(self, record, chance) -> str:
        """Three of them."""
        return self._telling_words(record, chance, 3)

    def _telling_words(self, record, chance, count) -> str:
        found = content_words(record.texts["summary"])
        if len(found) < count:
            return ""
        times = Counter(word.lower() for word in _WORD.findall(record.texts["summary"]))

        def tells(word):
            rarity = len(self.records) / max(self.frequency[word.lower()], 1)
            return times[word.lower()] * math.log(rarity)

        return " ".join(chance.sample(sorted(found, key=tells, reverse=True)[:TELLING], count))

    def near_words(self, record, chance) -> str:
        """Three content words of one sentence of the summary, in order: a remembered passage."""
        sentences = re.split(r"[\n.!?;]+", record.texts["summary"])
        found = [words for text in sentences if len(words := content_words(text)) >= 3]
        if not found:
            return ""
        words = chance.choice(found)
        start = chance.randrange(len(words) - 2)
        return " ".join(words[start : start + 3])

    def misspelled(self, record, chance) -> str:
        text = self.two_words(record, chance)
        if not text:
            return ""
        typed = text.split()
        place = chance.randrange(2)
        typed[place] = slip(typed[place], chance)
        return " ".join(typed)

    def acronym(self, record, chance) -> str:
        found = sorted(set(_ACRONYM.findall(record.texts["title"])))
        # A title in capitals only has no acronym.
        return chance.choice(found) if found and not record.texts["title"].isupper() else ""

    def acronym_of_full_name(self, record, chance) -> str:
        """The acronym of a term that the record contains only in full; the synonyms list the pair."""
        text = record.all_text.lower()
        found = [
            short
            for short, full in self.pairs.items()
            if self.frequency[short.lower()] <= RARE_ACRONYM
            and full in text
            and not re.search(rf"\b{short.lower()}\b", text)
        ]
        return chance.choice(found) if found else ""

    def phrase(self, record, chance) -> str:
        """Three consecutive words of the title or, equally often, of the summary.

        At least one is a content word.
        """
        runs = [phrases(record.texts[name]) for name in ("title", "summary")]
        chance.shuffle(runs)
        found = runs[0] or runs[1]
        return f'"{chance.choice(found)}"' if found else ""

    def summary_phrase(self, record, chance) -> str:
        found = phrases(record.texts["summary"])
        return f'"{chance.choice(found)}"' if found else ""

    def acronyms_spelled_out(self) -> dict[str, str]:
        """Return {acronym: its full name, in lower case} as records write them: "… (GIL)"."""
        seen: dict[str, Counter[str]] = {}
        for record in self.records:
            for before, short in _SPELLED_OUT.findall(record.all_text):
                full = before.split()[-len(short) :]
                if "".join(word[0] for word in full).upper() == short:
                    seen.setdefault(short, Counter())[" ".join(full).lower()] += 1
        return {short: fulls.most_common(1)[0][0] for short, fulls in sorted(seen.items())}


def content_words(text: str, shortest: int = FEWEST_LETTERS) -> list[str]:
    """Return the distinctive words, as written, each once, in order."""
    from search_app.results.more_like_this import STOP_WORDS

    found = {word.lower(): word for word in _WORD.findall(text) if len(word) >= shortest}
    return [word for lower, word in found.items() if lower not in STOP_WORDS]


def phrases(text: str) -> list[str]:
    """Return the runs of three distinctive words of a text without punctuation between them."""
    sentences = [part.split() for part in re.split(r"[\n.!?;:,()\"“”]+", text)]
    runs = [
        " ".join(run)
        for sentence in sentences
        if all(map(_WORD.fullmatch, sentence))
        for run in zip(*(sentence[shift:] for shift in range(3)), strict=False)
    ]
    return [run for run in runs if content_words(run)]


def slip(word: str, chance: random.Random) -> str:
    """Return the word with one typing error at a random position. Source: Damerau (1964)."""
    place = chance.randrange(len(word) - 1)
    other = chance.choice(LETTERS)
    slips = {
        "swapped": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        "left out": word[:place] + word[place + 1 :],
        "added": word[:place] + other + word[place:],
        "wrong": word[:place] + other + word[place + 1 :],
    }
    made = slips[chance.choice(sorted(slips))]
    return made if made != word else slip(word, chance)


class Archive:
    def __init__(self, follows: bool):
        self.follows = follows
        self.suggested = 0  # queries for which another spelling was suggested

    def keys(self, text: str) -> list[int]:
        from search_app.api import search
        from search_app.criteria_and_hits import Criteria  # needs the settings

        asked = Criteria(text=text, per_page=DEPTH, excerpts=False, suggests=self.follows)
        hits = search(asked)
        if hits.suggestion:
            self.suggested += 1
            hits = search(Criteria(text=hits.suggestion, per_page=DEPTH, excerpts=False))
        return hits.keys


class Fts5:
    """A table with the same texts. Quoted words are all required; a phrase remains a phrase."""

    def __init__(self, records: list[Record], weights: dict[str, float] | None = None):
        self.names = sorted({name for record in records for name in record.texts})
        self.weights = [(weights or {}).get(name, 1.0) for name in self.names]
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute(
            f"CREATE VIRTUAL TABLE records USING fts5({', '.join(self.names)},"
            " tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        marks = ", ".join("?" * (len(self.names) + 1))
        self.connection.executemany(
            f"INSERT INTO records(rowid, {', '.join(self.names)}) VALUES ({marks})",
            (
                (record.key, *(record.texts.get(name, "") for name in self.names))
                for record in records
            ),
        )

    def keys(self, text: str) -> list[int]:
        quoted = text if text.startswith('"') else " ".join(f'"{word}"' for word in text.split())
        marks = ", ".join("?" * len(self.weights))
        rows = self.connection.execute(
            f"SELECT rowid FROM records WHERE records MATCH ?"
            f" ORDER BY bm25(records, {marks}), rowid LIMIT {DEPTH}",
            (quoted, *self.weights),
        )
        return [key for (key,) in rows]


def kinds(queries: Queries) -> Iterator[tuple[str, Callable]]:
    yield "three content words of a title", queries.title
    yield "family name and one topic word", queries.name_and_topic
    yield "two words of the summary", queries.two_words
    yield "three words of the summary", queries.three_words
    yield "three words of one sentence", queries.near_words
    yield "two words, one of them misspelled", queries.misspelled
    yield "acronym in a title", queries.acronym
    yield "acronym of a full name", queries.acronym_of_full_name
    yield "phrase of three words, of title or summary", queries.phrase
    yield "phrase of three words of the summary", queries.summary_phrase


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_archive_options(parser)
    parser.add_argument("--queries", type=int, default=500, help="of each kind (500)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="print so many that were not first")
    options = parser.parse_args()
    with open_archive(options):
        run(options)


def run(options) -> None:
    from search_app.index.documents import FIELD_WEIGHTS
    from search_app.query.synonyms import register_terms_provider

    records = read_records()
    queries = Queries(records, options.queries, options.seed)
    register_terms_provider(lambda: list(queries.pairs.items()))
    engines = {
        "archive": Archive(follows=False),
        "through": Archive(follows=True),
        "FTS5 bm25": Fts5(records),
        "FTS5, our weights": Fts5(records, FIELD_WEIGHTS),
    }
    print(f"{len(records)} sessions, seed {options.seed}, {len(queries.pairs)} acronyms\n")
    columns = " | ".join(f"{name}: s@1 | MRR@10" for name in engines)
    print(f"| kind | queries | {columns} | suggested |")
    print("| --- | ---: |" + " ---: | ---: |" * len(engines) + " ---: |")
    for name, of_record in kinds(queries):
        made = queries.made(of_record)
        scores = {engine: Score() for engine in engines}
        shown = engines["through"].suggested = 0
        for known in made:
            for engine, score in scores.items():
                found = engines[engine].keys(known.text)
                score.ranks.append(found.index(known.key) + 1 if known.key in found else 0)
            if scores["through"].ranks[-1] != 1 and shown < options.show:
                shown += 1
                print(known, {engine: score.ranks[-1] for engine, score in scores.items()})
        cells = " | ".join(f"{each.success:.3f} | {each.mrr:.3f}" for each in scores.values())
        print(f"| {name} | {len(made)} | {cells} | {engines['through'].suggested} |", flush=True)


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"\n{time.perf_counter() - started:.0f} s")
