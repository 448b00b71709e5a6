"""Search in four processes while one edits, kill them at random, then compare with the database.

    python -m benchmarks.search_stress --seconds 60
    DATABASE_URL=postgres://… python -m benchmarks.search_stress

The editor publishes sessions whose titles contain a marker, so that the number of such sessions only
grows: each search must return a number between those before and after it. At the end the index of
every process must have exactly the content of the database. The exit status is not 0 if it has not,
or if a search waited for a lock longer than 200 ms, on a machine without other work.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

from benchmarks.archive import ROOT

MARKER = "quagmarker"
SEARCHERS = 4


EDITS_PAUSE = 0.05  # seconds; twenty edits a second are more than any staff makes


def edit() -> None:
    """Publish, retitle and withdraw sessions until the end."""
    from sessions_app.models import Session  # needs the settings

    stop_at = told_to_start()
    chance = random.Random()
    number = int(time.time() * 1000)
    while time.time() < stop_at:
        number += 1
        marked = Session(title=f"{MARKER} {number}", status="published")
        marked.save()
        other = Session.objects.exclude(title__startswith=MARKER).order_by("?").first()
        if other:
            other.title = f"{other.title.split(' (')[0]} ({chance.randrange(1000)})"
            other.status = chance.choice(["published", "published", "withdrawn"])
            other.save()
        time.sleep(EDITS_PAUSE)


def told_to_start() -> float:
    """Report that this process is ready; return the time.time() at which it must stop."""
    print("ready", flush=True)
    return float(sys.stdin.readline())


def search() -> None:
    """Search until the end; print one JSON object with counts, times and wrong results."""
    from search_app import api
    from search_app.criteria_and_hits import Criteria
    from search_app.index import locks
    from sessions_app.models import Session

    def marked():
        return Session.objects.published().filter(title__startswith=MARKER).count()

    waits: list[float] = []
    acquire = locks.FileLock.acquire

    def timed(lock, timeout_seconds):
        started = time.perf_counter()
        try:
            return acquire(lock, timeout_seconds)
        finally:
            waits.append(time.perf_counter() - started)

    locks.FileLock.acquire = timed
    report = {"searches": 0, "stale": 0, "wrong": [], "times": []}
    api.search(Criteria())
    waits.clear()  # the first search may build the index
    stop_at = told_to_start()
    while time.time() < stop_at:
        before = marked()
        started = time.perf_counter()
        hits = api.search(Criteria(text=MARKER, facets=("year", "topic")))
        report["times"].append(time.perf_counter() - started)
        after = marked()
        report["searches"] += 1
        report["stale"] += hits.stale
        if hits.total > after or (hits.total < before and not hits.stale):
            report["wrong"].append([before, hits.total, after])
    report["longest_wait"] = max(waits, default=0)
    print(json.dumps(report))


def check() -> None:
    """Compare the index with the database, and with one built from scratch."""
    from search_app import api
    from search_app.criteria_and_hits import Criteria
    from sessions_app.models import Session

    api.apply_pending_changes()
    for _ in range(100):
        hits = api.search(Criteria(per_page=10**6, sort="title", excerpts=False))
        if not hits.stale:
            break
        time.sleep(0.1)
    published = set(Session.objects.published().values_list("pk", flat=True))
    texts = [MARKER, "security", "river OR trade", '"of the"']
    found = {
        text: api.search(Criteria(text=text, sort="newest", per_page=10**6)).keys for text in texts
    }
    api.rebuild_index("session")
    anew = {
        text: api.search(Criteria(text=text, sort="newest", per_page=10**6)).keys for text in texts
    }
    problems = []
    if set(hits.keys) != published:
        problems.append(f"{len(set(hits.keys) ^ published)} sessions differ from the database")
    problems += [
        f"“{text}” finds something else anew" for text in texts if found[text] != anew[text]
    ]
    print(json.dumps({"sessions": len(published), "problems": problems}))


def child(role: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "benchmarks.search_stress", "--role", role]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def tell(process: subprocess.Popen, stop_at: float) -> None:
    process.stdin.write(f"{stop_at}\n")
    process.stdin.flush()


def report_of(process: subprocess.Popen) -> str:
    """Wait for a process to end; return its last output."""
    lines = process.communicate(timeout=300)[0].split("\n")
    return next((line for line in reversed(lines) if line.startswith("{")), "")


def run(seconds: float, sessions: int, kills: int, longest_wait_ms: float) -> int:
    def manage(*words):
        subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )

    manage("migrate", "--verbosity", "0")
    manage("seed_demo", "--sessions", str(sessions))
    manage("rebuild_search_index")
    children = {child("search") for _ in range(SEARCHERS)}
    editor = child("edit")
    for each in (*children, editor):
        each.stdout.readline()  # a busy machine takes a while to start them
    stop_at = time.time() + seconds
    for each in (*children, editor):
        tell(each, stop_at)
    chance = random.Random()
    killed = 0
    pause = seconds / (kills + 1)
    while time.time() < stop_at - 1 and killed < kills:
        time.sleep(min(pause * chance.uniform(0.5, 1.5), max(stop_at - time.time() - 0.5, 0)))
        victim = chance.choice([*children, editor, editor])
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        killed += 1
        if victim is editor:
            successor = editor = child("edit")
        else:
            successor = child("search")
            children = {*children, successor} - {victim}
        tell(successor, stop_at)
    report_of(editor)
    reports = [report_of(each) for each in children]
    failed = [each.returncode for each in (*children, editor) if each.returncode]
    found = [json.loads(report) for report in reports if report]
    times = sorted(spent for report in found for spent in report["times"])
    checked = json.loads(report_of(child("check")))
    wrong = [answer for report in found for answer in report["wrong"]]
    print(
        f"searches {sum(report['searches'] for report in found)}, of them answered before the newest change {sum(report['stale'] for report in found)}"
    )
    if times:
        print(
            f"search p50 {times[len(times) // 2] * 1000:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.1f} ms, longest {times[-1] * 1000:.1f} ms"
        )
    longest_wait = max((report["longest_wait"] for report in found), default=0) * 1000
    print(f"longest wait for a lock {longest_wait:.0f} ms")
    print(f"killed {killed} times; ended badly {failed}; wrong counts {wrong[:5]}")
    print(f"{checked['sessions']} sessions compared: {checked['problems'] or 'all agree'}")
    waited = longest_wait > longest_wait_ms
    return int(bool(wrong or failed or checked["problems"] or not times or waited))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--longest-wait", type=float, default=200, help="for a lock, in ms (200)")
    parser.add_argument("--role", choices=["search", "edit", "check"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        import django  # reads the settings, which read the environment

        django.setup()
        {"search": search, "edit": edit, "check": check}[options.role]()
        return
    with tempfile.TemporaryDirectory(
        prefix="search-stress-", ignore_cleanup_errors=True
    ) as folder:
        os.environ.update(
            VAR_DIR=folder,
            DJANGO_SETTINGS_MODULE="sma_archive.settings",
            DEMO="0",
            LOG_LEVEL="ERROR",
        )
        sys.exit(run(options.seconds, options.sessions, options.kills, options.longest_wait))


if __name__ == "__main__":
    main()
