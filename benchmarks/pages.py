"""Time the site's pages beside a view that does nothing, on one server in one run.

    python -m benchmarks.pages --sessions 100000
    python -m benchmarks.pages --talks talks.jsonl.gz
    python -m benchmarks.pages --var DIR            (a database made before)

Prints a table: p50 and p95 in milliseconds, the ratio of each p50 to that of the do-nothing view,
the size of the page, and the anonymous resident memory of the web worker. Pages are not cached
except in the row that says so. DATABASE_URL selects PostgreSQL.
"""

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
NOTHING = "/benchmark-nothing/"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, help="size of a demonstration archive to make")
    parser.add_argument("--talks", type=Path, help="a talks.jsonl.gz to import")
    parser.add_argument("--var", type=Path, help="folder of a database made before")
    parser.add_argument("--rounds", type=int, default=60, help="requests of each page (60)")
    options = parser.parse_args()

    folder = options.var or Path(tempfile.mkdtemp(prefix="archive-benchmark-"))
    os.environ.update(
        VAR_DIR=str(folder),
        DJANGO_SETTINGS_MODULE="benchmarks.settings",
        DEMO="0",
        LOG_LEVEL="WARNING",
    )
    if not options.var:
        prepare(options)
    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    words = Words()
    print(f"sessions: {words.total}   database: {words.vendor}", flush=True)
    with Server(CACHE_URL="dummycache://") as server:
        measure(server, words.pages(), options.rounds)
        print(f"web worker, resident (RssAnon): {server.memory_mib():.0f} MiB")
    with Server(CACHE_URL="locmemcache://") as server:
        measure(server, {"list page, cached": "/sessions/"}, options.rounds * 3)


def manage(*arguments):
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=True)


def prepare(options):
    manage("migrate", "--verbosity", "0")
    start = time.perf_counter()
    if options.talks:
        manage("import_talks", str(options.talks.resolve()), "--publish")
    else:
        manage("seed_demo", "--sessions", str(options.sessions or 21713))
    print(f"filled in {time.perf_counter() - start:.0f} s")
    start = time.perf_counter()
    manage("rebuild_search_index")
    print(f"index built in {time.perf_counter() - start:.0f} s")


class Words:
    """Words of this archive by how many sessions hold them, and entries with many sessions."""

    def __init__(self):
        import django

        django.setup()
        from collections import Counter

        from django.db import connection

        from search_app.criteria import Criteria
        from search_app.room import search
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
    """One web worker on a free port of the loopback."""

    def __init__(self, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {**os.environ, **environment}

    def __enter__(self):
        command = [
            str(Path(sys.executable).with_name("granian")),
            *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--workers", "1", "--blocking-threads", "1", "--no-access-log"),
            "sma_archive.wsgi:application",
        ]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
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

    def memory_mib(self):
        """Return RssAnon of the largest process of the server's tree."""
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        sizes = []
        for pid in [str(self.process.pid), *children]:
            status = Path(f"/proc/{pid}/status").read_text()
            sizes.append(int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024)
        return max(sizes)


def http_get(connection, path):
    """Return (seconds, status, bytes) of one request."""
    start = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    return time.perf_counter() - start, response.status, len(body)


def measure(server, pages, rounds):
    """Time the pages in turn, round by round, so that a slow moment falls on all alike."""
    pages = {"do-nothing view": NOTHING, **pages}
    connection = server.connection()
    times = {name: [] for name in pages}
    sizes = {}
    for path in pages.values():
        http_get(connection, path)
    for _ in range(rounds):
        for name, path in pages.items():
            seconds, status, size = http_get(connection, path)
            if status != 200:
                raise SystemExit(f"{path} answered {status}")
            times[name].append(seconds * 1000)
            sizes[name] = size
    base = statistics.median(times["do-nothing view"])
    print(f"{'page':42} {'p50 ms':>8} {'p95 ms':>8} {'× nothing':>9} {'KB':>6}")
    for name, values in times.items():
        p50 = statistics.median(values)
        p95 = statistics.quantiles(values, n=20)[-1]
        print(f"{name[:42]:42} {p50:8.1f} {p95:8.1f} {p50 / base:9.1f} {sizes[name] / 1000:6.1f}")


if __name__ == "__main__":
    main()
