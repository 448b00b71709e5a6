"""Time the site's pages and a do-nothing view, on one server in one run.

    python -m benchmarks.pages --sessions 100000
    python -m benchmarks.pages --talks talks.jsonl.gz
    python -m benchmarks.pages --var DIR            (an existing database)

Prints a table: p50 and p95 of the time from request to last byte, p50 of the processor time of the
web worker (both in milliseconds), the ratio of these p50 to those of the do-nothing view, the size
of the page, and the anonymous resident memory of the web worker. On a machine with other work,
processor time shows the cost of a page; elapsed time also includes waiting for other processes.
Pages are not cached except in the row that says so. DATABASE_URL selects PostgreSQL, whose own
processor time is not counted.
"""

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import time
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from benchmarks.archive import ROOT, add_archive_options, prepare_to_serve
from sma_archive.server import web_server

NOTHING = "/benchmark-nothing/"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_archive_options(parser)
    parser.add_argument("--rounds", type=int, default=60, help="requests of each page (60)")
    options = parser.parse_args()
    prepare_to_serve(options)
    words = Words()
    print(f"sessions: {words.total}   database: {words.vendor}", flush=True)
    with Server(PAGE_CACHE_MIB="0") as server:
        measure(server, words.pages(), options.rounds)
        print(f"web worker, resident (RssAnon): {server.memory_mib():.0f} MiB")
    with Server(PAGE_CACHE_MIB="16") as server:
        measure(server, {"list page, cached": "/sessions/"}, options.rounds * 3)


class Words:
    """Words of this archive by the number of sessions with them, and authorities with many sessions."""

    def __init__(self):
        import django

        django.setup()
        from collections import Counter

        from django.db import connection

        from search_app.api import search
        from search_app.criteria_and_hits import Criteria
        from sessions_app.models import Session

        self.vendor = connection.vendor
        self.total = Session.objects.published().count()
        counts = Counter()
        texts = Session.objects.published().order_by("pk").values_list("summary_text", flat=True)
        for text in texts[:20000].iterator():
            counts.update(set(re.findall(r"[a-z]{4,}", text.lower())))
        ranked = [word for word, count in counts.most_common() if count > 2]
        self.common, self.medium, self.rare = ranked[0], ranked[len(ranked) // 20], ranked[-1]
        hits = search(
            Criteria(facets=("topic", "speaker", "organisation", "series"), facet_limit=1)
        )
        self.top = {name: values[0].value for name, values in hits.facets.items() if values}
        self.detail = Session.objects.published().filter(summary_text__gt="").first().slug

    def pages(self):
        series, topic = self.top.get("series", ""), self.top.get("topic", "")
        return {
            "front page": "/",
            "list, all sessions": "/sessions/",
            "list, page 50": "/sessions/?page=50",
            f"common word ({self.common})": f"/sessions/?q={quote(self.common)}",
            "common word, page 50": f"/sessions/?q={quote(self.common)}&page=50",
            f"medium word ({self.medium})": f"/sessions/?q={quote(self.medium)}",
            f"rare word ({self.rare})": f"/sessions/?q={quote(self.rare)}",
            "two words": f"/sessions/?q={quote(self.common)}+{quote(self.medium)}",
            "filter: topic and series": f"/sessions/?topic={topic}&series={series}",
            "common word, topic, years": (
                f"/sessions/?q={quote(self.common)}&topic={topic}"
                "&date_after=2016-01-01&date_before=2022-12-31"
            ),
            "session": f"/sessions/{self.detail}/",
            "topic": f"/topics/{topic}/",
            "recommendations": "/recommendations/",
            "speakers": "/speakers/",
            "autocomplete": "/suggest/?q=sec",
            "misspelled word": f"/sessions/?q={self.medium[:-2]}{self.medium[:-3:-1]}",
        }


class Server:
    """One web worker on a free port of the loopback interface."""

    def __init__(self, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {**os.environ, **environment}

    def __enter__(self):
        command = web_server.web_server_command("127.0.0.1", self.port, 1)
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(1200):  # a busy machine takes a long time
            try:
                http_get(self.connection(), NOTHING)
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise SystemExit("The server did not start.")

    def __exit__(self, *error):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    @cached_property
    def worker(self):
        """The folder in /proc of the worker process: the largest in the server's process tree."""
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        return max((Path("/proc", pid) for pid in children), key=anonymous_mib)

    def memory_mib(self):
        return anonymous_mib(self.worker)

    def processor_seconds(self):
        """Return the processor time of the worker so far, all threads together."""
        threads = self.worker.glob("task/*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in threads) / 1e9


def anonymous_mib(process):
    """Return RssAnon of a process: its own memory, without mapped files."""
    return int(re.search(r"RssAnon:\s+(\d+)", (process / "status").read_text())[1]) / 1024


def http_get(connection, path):
    """Return (seconds, status, bytes) of one request."""
    start = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    return time.perf_counter() - start, response.status, len(body)


def measure(server, pages, rounds):
    """Time the pages in turn, round by round, so that a slow moment affects all of them."""
    pages = {"do-nothing view": NOTHING, **pages}
    connection = server.connection()
    elapsed = {name: [] for name in pages}
    worked = {name: [] for name in pages}
    sizes = {}
    for path in pages.values():
        http_get(connection, path)
    for _ in range(rounds):
        for name, path in pages.items():
            before = server.processor_seconds()
            seconds, status, size = http_get(connection, path)
            worked[name].append((server.processor_seconds() - before) * 1000)
            if status != 200:
                raise SystemExit(f"{path} answered {status}")
            elapsed[name].append(seconds * 1000)
            sizes[name] = size
    least = statistics.median(elapsed["do-nothing view"])
    least_worked = statistics.median(worked["do-nothing view"])
    print(
        f"{'page':42} {'p50 ms':>8} {'p95 ms':>8} {'× nothing':>9}"
        f" {'processor':>9} {'× nothing':>9} {'KB':>6}"
    )
    for name in pages:
        p50, p95 = statistics.median(elapsed[name]), statistics.quantiles(elapsed[name], n=20)[-1]
        work = statistics.median(worked[name])
        print(
            f"{name[:42]:42} {p50:8.1f} {p95:8.1f} {p50 / least:9.1f}"
            f" {work:9.1f} {work / least_worked:9.1f} {sizes[name] / 1000:6.1f}"
        )


if __name__ == "__main__":
    main()
