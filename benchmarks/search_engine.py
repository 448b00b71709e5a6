"""Time the search app alone, with invented documents: without pages, records or document sources.

    python -m benchmarks.search_engine --documents 100000

The words follow Zipf's law, so that there are words of every frequency; 84 % of the documents
contain the word "common". All files are in a folder that is removed at the end.
"""

import argparse
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

FACETS = ("topic", "series", "region", "speaker", "organisation", "year", "has")
VOCABULARY = 30_000
SHARE_OF_COMMON = 0.84


def invented_documents(count: int, seed: int) -> Iterator:
    """Yield `count` documents of about 100 words, the same for the same seed."""
    from search_app.index.documents import IndexDocument, TextPart  # needs the settings

    chance = random.Random(seed)
    words = [f"{chance.choice('bcdfghklmnprst')}{number:x}" for number in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 5) for rank in range(VOCABULARY)))
    for key in range(1, count + 1):
        drawn = chance.choices(words, cum_weights=weights, k=95)
        if chance.random() < SHARE_OF_COMMON:
            drawn[chance.randrange(95)] = "common"
        if key % 200 == 0:
            drawn[50] = "medium"
        if key % 10_000 == 7:
            drawn[60] = "rare"
        day = date(2000, 1, 1) + timedelta(days=chance.randrange(9000))
        speakers = [chance.randrange(count // 2 + 1) for _ in range(chance.randrange(1, 4))]
        texts = {
            "title": drawn[:8],
            "speaker": [f"speaker{number}" for number in speakers],
            "organisation": drawn[8:12],
            "topic": drawn[12:15],
            "series": drawn[15:17],
            "region": drawn[17:18],
            "recommendation": drawn[18:40],
            "summary": drawn[40:],
        }
        yield IndexDocument(
            key=key,
            slug=f"{'-'.join(drawn[:6])}-{key}",
            text={name: [TextPart(" ".join(text))] for name, text in texts.items()},
            facets={
                "topic": [f"topic-{int(60 * chance.random() ** 2)}" for _ in range(3)],
                "series": [f"series-{chance.randrange(40)}"],
                "region": [f"region-{chance.randrange(12)}"],
                "speaker": [f"speaker-{number}" for number in speakers],
                "organisation": [f"organisation-{chance.randrange(900)}"],
                "year": [str(day.year)],
                "has": [name for name in ("recording", "documents") if chance.random() < 0.5],
            },
            starts_on=day,
            ends_on=day,
        )


class InventedSource:
    kind = "session"

    def __init__(self, count: int, seed: int):
        self.stock = {document.key: document for document in invented_documents(count, seed)}

    def keys(self) -> list[int]:
        return list(self.stock)

    def documents(self, keys: Sequence[int]) -> list:
        return [self.stock[key] for key in keys if key in self.stock]


def milliseconds(work, runs: int) -> tuple[float, float]:
    """Return median and 95th percentile of `runs` runs of `work`, after a warm-up run."""
    work()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.95)]


def resident_mib() -> float:
    """Return this process's own memory (RssAnon), without mapped index files."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024


def build(count: int, seed: int) -> None:
    """Build the index in this process and print the speed."""
    from django.conf import settings

    from search_app import api
    from search_app.index import document_sources  # needs the settings

    source = InventedSource(count, seed)
    document_sources.register_document_source(source)
    started = time.perf_counter()
    api.rebuild_index("session")
    took = time.perf_counter() - started
    print(f"build                      {took:8.2f} s   {count / took:8.0f} documents/s")
    files = [each for each in settings.INDEX_DIR.rglob("*") if each.is_file()]
    print(
        f"index                      {sum(each.stat().st_size for each in files) / 2**20:8.0f} MiB"
    )


def measure(runs: int) -> None:
    """Search the existing index and print the times."""
    from search_app import (
        api,
        change_log,  # needs the settings
    )
    from search_app.criteria_and_hits import Criteria
    from search_app.index import document_sources

    edited = next(iter(invented_documents(1, 0)))
    source = InventedSource(0, 0)
    source.stock = {edited.key: edited}
    document_sources.register_document_source(source)
    before = resident_mib()
    started = time.perf_counter()
    total = api.search(Criteria()).total
    print(f"first search of a process  {(time.perf_counter() - started) * 1000:8.1f} ms")
    print(f"documents                  {total:8d}")

    def row(name, **wanted):
        criteria = Criteria(facets=FACETS, **wanted)
        p50, p95 = milliseconds(lambda: api.search(criteria), runs)
        hits = api.search(criteria)
        print(f"{name:26s} {p50:8.2f} ms  p95 {p95:8.2f} ms  {hits.total:8d} hits")

    row("no text")
    row("common word", text="common")
    row("common word, page 50", text="common", page=50)
    row("common word, last page", text="common", page=10**6)
    row("common word, by title", text="common", sort="title", page=50)
    row("medium word", text="medium")
    row("rare word", text="rare")
    row("two words", text="common medium")
    row("phrase", text='"common b1"')
    row("prefix of three letters", text="com*")
    row("prefix of one letter", text="c*")
    row("exclusion only", text="-medium")
    row(
        "common, three filters",
        text="common",
        filters={
            "topic": ("topic-1", "topic-2"),
            "series": ("series-1",),
            "year": ("2010", "2011"),
        },
    )
    row("common, one broad filter", text="common", filters={"region": ("region-1",)}, page=50)
    row("300 words", text=" ".join(f"b{number:x}" for number in range(300)))

    def edit_and_search():
        change_log.record_changes("session", [edited.key])
        api.search(Criteria(text="rare"))

    p50, p95 = milliseconds(edit_and_search, 15)
    print(f"edit, then the next search {p50:8.2f} ms  p95 {p95:8.2f} ms")
    print(f"memory of the search room  {resident_mib() - before:8.1f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, default=21_713)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=21)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="search-benchmark-")
    os.environ.update(VAR_DIR=folder, DJANGO_SETTINGS_MODULE="sma_archive.settings")
    try:
        import django  # reads the settings, which read the environment

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        connection.close()
        # Another process builds the index, so that its memory is not counted.
        child = os.fork()
        if child == 0:
            build(arguments.documents, arguments.seed)
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
        measure(arguments.runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
