"""10,000 form submissions a minute from one address and from many, while somebody reads.

    python -m benchmarks.form_flood --posts 10000 --minute 60

One web worker with its usual limits (RATE_LIMITS). Prints the number of forms for each response,
the rate, the processor time of a rejected form, and the time of a session page for a reader before
and during the flood. DATABASE_URL selects PostgreSQL (an empty database).
"""

import argparse
import http.client
import re
import statistics
import threading
import time
from collections import Counter
from urllib.parse import urlencode

from benchmarks.archive import open_empty_archive
from benchmarks.pages import Server

FORM = "/sessions/heard/request-recording/"
PAGE = "/sessions/heard/"
SENDERS = 4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000, help="how many (10,000)")
    parser.add_argument("--minute", type=float, default=60, help="seconds to send them in (60)")
    options = parser.parse_args()
    open_empty_archive(
        DJANGO_SETTINGS_MODULE="benchmarks.settings",
        RATE_LIMITS="5/email,20/address",
        TRUSTED_PROXIES="127.0.0.1",  # this script sets the client address of a form
    )
    from django.db import connection

    from recordings_app.models import Recording, RecordingRequest
    from sessions_app.models import Session

    session = Session.objects.create(title="Heard", slug="heard", status="published")
    Recording.objects.create(session=session)
    print(f"database: {connection.vendor}; {options.posts} forms in {options.minute:.0f} s")
    for name, addresses in (("one address", 1), ("500 addresses", 500)):
        with Server() as server:
            quiet = read_pages(server, threading.Event(), rounds=100)
            stored = RecordingRequest.objects.count()
            flood(server, options, addresses, name, quiet)
            print(f"  stored: {RecordingRequest.objects.count() - stored}", flush=True)


def flood(server, options, addresses, name, quiet):
    stop, answers, reading = threading.Event(), Counter(), []
    reader = threading.Thread(target=lambda: reading.extend(read_pages(server, stop)))
    start = time.monotonic()
    before = server.processor_seconds()
    senders = [
        threading.Thread(
            target=send,
            args=(
                server,
                range(number, options.posts, SENDERS),
                addresses,
                answers,
                start,
                options,
            ),
        )
        for number in range(SENDERS)
    ]
    for thread in (reader, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    elapsed = time.monotonic() - start
    worked = server.processor_seconds() - before
    stop.set()
    reader.join()
    done = sum(answers.values())
    print(f"{name}: {done} forms in {elapsed:.0f} s, {60 * done / elapsed:.0f} a minute")
    print(f"  answers: {dict(answers)}")
    print(f"  processor time: {1000 * worked / done:.1f} ms a form, reader included")
    print(f"  a reader's page: before {spread(quiet)}; meanwhile {spread(reading)}")


def send(server, numbers, addresses, answers, start, options):
    connection = server.connection()
    token, cookie = form_token(connection)
    for number in numbers:
        due = start + number * options.minute / options.posts
        time.sleep(max(0, due - time.monotonic()))
        typed = {
            "csrfmiddlewaretoken": token,
            "session": "heard",
            "name": "Ada",
            "email": f"reader{number}@reader.example",
            "purpose": "A study of ports",
            "agree": "on",
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie,
            "X-Forwarded-For": f"10.0.{number % addresses // 250}.{number % addresses % 250}",
        }
        try:
            connection.request("POST", FORM, urlencode(typed), headers)
            response = connection.getresponse()
            response.read()
            answers[response.status] += 1
        except (OSError, http.client.HTTPException) as error:
            answers[type(error).__name__] += 1
            connection = server.connection()


def form_token(connection):
    connection.request("GET", FORM)
    response = connection.getresponse()
    page = response.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return token, response.getheader("Set-Cookie").partition(";")[0]


def read_pages(server, stop, rounds=10**9):
    """Request one page repeatedly, with a pause; return the seconds for each request."""
    connection, took = server.connection(), []
    while not stop.is_set() and len(took) < rounds:
        start = time.perf_counter()
        connection.request("GET", PAGE)
        connection.getresponse().read()
        took.append(time.perf_counter() - start)
        time.sleep(0.02)
    return took


def spread(took):
    ordered = sorted(took)
    p95 = ordered[int(len(ordered) * 0.95)]
    return f"p50 {1000 * statistics.median(took):.1f} ms, p95 {1000 * p95:.1f} ms"


if __name__ == "__main__":
    main()
