"""Send unusual and expensive queries to every list and time the slowest response.

    python -m benchmarks.any_input --talks talks.jsonl.gz
    python -m benchmarks.any_input --var DIR            (an existing database)

Queries are random with a fixed seed: words of the archive and characters of any script, operators
in any order, prefixes of one letter, thousands of words, hundreds of facet values, deep pages.
Prints for each URL the number of requests, the status codes, p50, p95 and the maximum, and the
maximum processor time, which other work on the machine does not affect.
The exit status is 1 if a response was a 5xx or took more than a second of processor time. For an
export, which is streamed, that is the time to its first bytes; the last lines give the time of
whole exports.
"""

import argparse
import logging
import random
import statistics
import sys
import time
from collections import Counter
from urllib.parse import quote

from benchmarks.archive import add_archive_options, open_archive

ADDRESSES = (
    "/sessions/",
    "/recommendations/",
    "/recommendations/recurring/",
    "/sessions/facets/speaker/",
    "/api/v1/sessions/",
    "/api/v1/recommendations/",
    "/api/v1/speakers/",
    "/sessions/feed.rss",
    "/sessions/feed.atom",
    "/sessions/export.csv",
    "/sessions/export.xlsx",
    "/sessions/export.json",
    "/sessions/export.bib",
    "/sessions/export.ris",
    "/suggest/",
)
FACETS = ("topic", "series", "speaker", "region", "organisation")
LONGEST_ALLOWED = 1.0  # seconds


class Soup:
    """Query strings, the same for the same seed and archive."""

    def __init__(self, seed: int):
        from search_app.api import search
        from search_app.criteria_and_hits import Criteria  # needs the settings
        from sessions_app.models import Session

        self.chance = random.Random(seed)
        texts = Session.objects.published().order_by("pk").values_list("summary_text", flat=True)
        self.words = sorted({word for text in texts[:3000] for word in text.split()})
        hits = search(Criteria(facets=(*FACETS, "year"), facet_limit=500))
        self.values = {name: [each.value for each in found] for name, found in hits.facets.items()}
        common = Counter(word.lower() for text in texts[:3000] for word in set(text.split()))
        self.common = [word for word, _count in common.most_common(200) if word.isalpha()]

    def queries(self, count: int) -> list[str]:
        makers = (
            self.words_of_the_archive,
            self.any_characters,
            self.operators,
            self.prefixes,
            self.very_long,
            self.misspelled,
            self.many_values,
            self.deep_page,
            self.everything,
        )
        return [makers[number % len(makers)]() for number in range(count)]

    def words_of_the_archive(self):
        return "q=" + quote(
            " ".join(self.chance.choices(self.words, k=self.chance.randint(1, 12)))
        )

    def any_characters(self):
        points = [self.chance.randrange(1, 0xD800) for _ in range(self.chance.randint(1, 200))]
        return "q=" + quote("".join(map(chr, points)))

    def operators(self):
        parts = ["OR", "-", '"', "(", ")", "*", "title:", "speaker:", "after:2015", "before:2020"]
        drawn = [
            self.chance.choice(parts + self.chance.choices(self.common, k=4)) for _ in range(40)
        ]
        return "q=" + quote(self.chance.choice(("", " ")).join(drawn))

    def prefixes(self):
        letters = self.chance.choices(
            "abcdefghijklmnopqrstuvwxyzаб中", k=self.chance.randint(1, 30)
        )
        return "q=" + quote(" ".join(f"{letter}*" for letter in letters))

    def very_long(self):
        text = " ".join(self.chance.choices(self.words + self.common, k=3000))
        return "q=" + quote(text[:10_000])

    def misspelled(self):
        words = self.chance.choices(self.common, k=self.chance.randint(1, 8))
        return "q=" + quote(" ".join(word[1:] + word[:1] for word in words))

    def many_values(self):
        name = self.chance.choice([name for name in FACETS if self.values.get(name)])
        values = self.chance.choices(self.values[name], k=200)
        return (
            "&".join(f"{name}={value}" for value in values)
            + f"&q={self.chance.choice(self.common)}"
        )

    def deep_page(self):
        size = self.chance.choice((10, 20, 50, 100))
        page = self.chance.choice((50, 1000, 10**8))
        sort = self.chance.choice(("relevance", "newest", "oldest", "title"))
        return f"q={self.chance.choice(self.common)}&page={page}&per_page={size}&sort={sort}"

    def everything(self):
        parts = [self.chance.choice((self.words_of_the_archive, self.operators, self.prefixes))()]
        for name in (*FACETS, "year"):
            if self.values.get(name) and self.chance.random() < 0.5:
                values = self.chance.choices(self.values[name], k=self.chance.randint(1, 20))
                parts += [f"{name}={value}" for value in values]
        parts += self.chance.choices(
            [
                "has=recommendations",
                "date_after=2012-01-01",
                "date_before=1999-99-99",
                "per_page=7",
                "facets=1",
                "facet_limit=1000",
                "year=%00",
                "sort=title",
                "updated_since=x",
            ],
            k=3,
        )
        return "&".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_archive_options(parser)
    parser.add_argument("--queries", type=int, default=270, help="of each address (270)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with open_archive(options):
        sys.exit(0 if run(options) else 1)


def run(options) -> bool:
    from django.conf import settings
    from django.core.cache import cache
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    client = Client(raise_request_exception=False)
    queries = Soup(options.seed).queries(options.queries)
    is_good = True
    print("| address | requests | answers | p50 ms | p95 ms | longest ms | most processor ms |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    for address in ADDRESSES:
        client.get(f"{address}?q=warm")
        times, busy, codes = [], [], Counter()
        for query in queries:
            cache.clear()
            started, processor = time.perf_counter(), time.process_time()
            response = client.get(f"{address}?{query}")
            if response.streaming:
                next(iter(response), b"")
            times.append(time.perf_counter() - started)
            busy.append(time.process_time() - processor)
            response.close()
            codes[response.status_code] += 1
        longest = max(busy)
        is_good &= longest <= LONGEST_ALLOWED and not any(code >= 500 for code in codes)
        answers = ", ".join(f"{count} × {code}" for code, count in sorted(codes.items()))
        print(
            f"| {address} | {len(times)} | {answers} | {1000 * statistics.median(times):.0f}"
            f" | {1000 * statistics.quantiles(times, n=20)[-1]:.0f} | {1000 * max(times):.0f}"
            f" | {1000 * longest:.0f} |",
            flush=True,
        )
        if longest > LONGEST_ALLOWED:
            print(f"    longest: {queries[busy.index(longest)][:300]}")
    for address in filter(lambda each: "export" in each, ADDRESSES):
        started = time.perf_counter()
        size = sum(len(chunk) for chunk in client.get(address))
        print(
            f"{address}, all sessions: {size / 1e6:.1f} MB in {time.perf_counter() - started:.1f} s"
        )
    return is_good


if __name__ == "__main__":
    main()
