"""Recurring advice: time and memory for grouping everything once, and for processing one change.

`python -m benchmarks.recurring_advice [--sizes 5000 180000] [--words few] [--talks FILE]` creates an
SQLite archive of each size. The texts are advice of the demonstration with up to three words changed;
with `--words few` they have three to eight words out of 60, so that very many are similar; with
`--talks` they are descriptions from a talks.jsonl.gz, cut to 300 characters and repeated as needed.
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice

SIZES = (5_000, 20_000, 60_000, 180_000)
ADVICE_OF_A_SESSION = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of texts")
    parser.add_argument("--words", choices=["demo", "few"], default="demo")
    parser.add_argument("--talks", help="a talks.jsonl.gz")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure()
        return
    print("| texts | groups | all once, s | processor s | memory, MiB more | one session, s |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="recurring-advice-") as folder:
            environment = os.environ | {
                "VAR_DIR": folder,
                "DJANGO_SETTINGS_MODULE": "sma_archive.settings",
                "DEMO": "0",
                "LOG_LEVEL": "WARNING",
            }
            os.environ |= environment
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
            store(list(islice(texts(options), size)))
            # In a separate process, so that its memory is only that of the grouping.
            command = [sys.executable, "-m", "benchmarks.recurring_advice", "--measure"]
            subprocess.run(command, check=True)


def texts(options):
    chance = random.Random(1)
    if options.talks:
        with gzip.open(options.talks, "rt") as lines:
            talks = [json.loads(line) for line in lines]
        found = [talk.get("description") or talk.get("abstract") or "" for talk in talks]
        yield from cycle(text[:300] for text in found if len(text) > 40)
    from sessions_app.demo.grammar import load_grammar  # plain Python, needs no setup

    families = load_grammar()["advice"]
    vocabulary = sorted({word for family in families for text in family for word in text.split()})
    few = [word for word in vocabulary if len(word) > 4][:60]
    advice = [text for family in families for text in family]
    while True:
        if options.words == "few":
            yield " ".join(chance.choices(few, k=chance.randint(3, 8)))
        else:
            words = chance.choice(advice).split()
            for _ in range(chance.randint(0, 3)):
                words[chance.randrange(len(words))] = chance.choice(vocabulary)
            yield " ".join(words)


def store(found):
    """Store the texts as advice of public sessions, in a separate process."""
    program = (
        "import django, json, sys; django.setup();"
        "from benchmarks.recurring_advice import store_here; store_here(json.load(sys.stdin))"
    )
    subprocess.run([sys.executable, "-c", program], input=json.dumps(found), text=True, check=True)


def store_here(found):
    from django.utils import timezone

    from search_app import change_log
    from sessions_app.models import Recommendation, Session

    count = -(-len(found) // ADVICE_OF_A_SESSION)
    Session.objects.bulk_create(
        (
            Session(
                title=f"Session {n}", slug=f"s{n}", status="published", published_at=timezone.now()
            )
            for n in range(count)
        ),
        batch_size=2000,
    )
    sessions = list(Session.objects.order_by("pk").values_list("pk", flat=True))
    advice = Recommendation.objects.bulk_create(
        (
            Recommendation(
                session_id=sessions[place // ADVICE_OF_A_SESSION],
                number=place % ADVICE_OF_A_SESSION + 1,
                text=text,
            )
            for place, text in enumerate(found)
        ),
        batch_size=2000,
    )
    change_log.record_changes("recommendation", [each.pk for each in advice])


def measure():
    import resource

    import django

    django.setup()
    from sessions_app.catalogue.recurring import update_groups
    from sessions_app.models import Recommendation, Recurrence

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    list(Recommendation.objects.published()[:10])
    before, started, used = peak(), time.perf_counter(), time.process_time()
    update_groups()
    once, used, more = time.perf_counter() - started, time.process_time() - used, peak() - before
    size = Recommendation.objects.count()
    groups = Recurrence.objects.values("group").distinct().count()
    slowest = 0.0
    for place in (0, size // 3, size - 1):  # of the oldest, which is usually a centre, too
        advice = Recommendation.objects.order_by("pk")[place]
        advice.text = "Keep " + advice.text
        advice.save()
        started = time.perf_counter()
        update_groups()
        slowest = max(slowest, time.perf_counter() - started)
    print(
        f"| {size:,} | {groups:,} | {once:.1f} | {used:.1f} | {more:.0f} | {slowest:.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
