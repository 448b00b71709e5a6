"""Request every page of the admin as a superuser and measure queries and time.

    python -m benchmarks.admin_pages --talks talks.jsonl.gz
    python -m benchmarks.admin_pages --sessions 21713
    python -m benchmarks.admin_pages --var DIR            (an existing database)

Starts at the index page and follows links: one page for each view, and for each filter and order of
a list. Also runs a search in every list that has one, and every autocomplete field.
Prints the number of queries, the median time and the processor time of the process (ms), slowest
first. The exit status is not 0 if a page takes more processor time than --most allows. PostgreSQL's
own processor time is not counted.
"""

import argparse
import re
import statistics
import sys
import time
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from benchmarks.archive import add_archive_options, prepare_to_serve

LINK = re.compile(r'(?:href|data-url)="([^"#]+)')
SEARCHED = "data an"  # two words that occur in many records
TYPED = "an"
NOT_FOLLOWED = ("/logout/", "/jsi18n/", "/password_change/", "/autocomplete/")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_archive_options(parser)
    parser.add_argument("--rounds", type=int, default=5, help="requests of each page (5)")
    parser.add_argument("--most", type=float, default=300, help="ms a page may take (300)")
    parser.add_argument("--pages", type=int, default=400, help="pages at most (400)")
    options = parser.parse_args()
    prepare_to_serve(options, LOG_LEVEL="CRITICAL")
    import django

    django.setup()
    with staff_client() as client:
        addresses = [*followed(client, options.pages), *searches(), *autocompletes()]
        rows = sorted(
            (measured(client, address, options.rounds) for address in addresses), reverse=True
        )
    print(f"{'processor':>9} {'p50 ms':>7} {'queries':>7} {'KB':>5}  page")
    for work, elapsed, queries, size, address in rows:
        print(f"{work:9.1f} {elapsed:7.1f} {queries:7d} {size / 1000:5.0f}  {address}")
    over = [row for row in rows if row[0] > options.most]
    print(f"{len(rows)} pages, {len(over)} over {options.most:.0f} ms of processor time")
    sys.exit(bool(over))


class staff_client:  # noqa: N801 - used as a function
    """The test client, logged in as a superuser created for this run."""

    def __enter__(self):
        from django.contrib.auth import get_user_model
        from django.test import Client

        users = get_user_model()
        users.objects.filter(username="benchmark").delete()
        self.user = users.objects.create_superuser("benchmark", "benchmark@localhost", None)
        client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
        client.force_login(self.user)
        return client

    def __exit__(self, *error):
        self.user.delete()


def followed(client, most: int) -> Iterator[str]:
    """Yield the URLs of linked pages, one for each view and kind of query."""
    from django.urls import Resolver404, resolve, reverse

    start = reverse("admin:index")
    waiting, seen = [start], set()
    while waiting and most:
        address = waiting.pop(0)
        path, query = urlsplit(address).path, urlsplit(address).query
        try:
            view = resolve(path).view_name
        except Resolver404:
            continue
        kind = (
            view,
            tuple(name for name, _value in parse_qsl(query) if name != "_changelist_filters"),
        )
        if kind in seen:
            continue
        seen.add(kind)
        response = client.get(address)
        if response.status_code >= 500:
            print(f"{address} answered {response.status_code}", file=sys.stderr)
        is_page = response["Content-Type"].startswith("text/html") and not response.streaming
        if response.status_code != 200 or not is_page:
            continue
        most -= 1
        yield address
        for link in LINK.findall(response.content.decode()):
            found = urljoin(address, unescape(link))
            if found.startswith(start) and not any(part in found for part in NOT_FOLLOWED):
                waiting.append(found)


def searches() -> Iterator[str]:
    from django.contrib import admin
    from django.urls import reverse

    for model, model_admin in admin.site._registry.items():
        if model_admin.search_fields:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            yield f"{address}?{urlencode({'q': SEARCHED})}"


def autocompletes() -> Iterator[str]:
    from django.contrib import admin
    from django.urls import reverse

    asked = set()
    for model, model_admin in admin.site._registry.items():
        for owner in (model_admin, *(inline(model, admin.site) for inline in model_admin.inlines)):
            asked.update((owner.model._meta, name) for name in owner.autocomplete_fields)
    for options, name in sorted(asked, key=lambda each: (each[0].label_lower, each[1])):
        query = {
            "term": TYPED,
            "app_label": options.app_label,
            "model_name": options.model_name,
            "field_name": name,
        }
        yield f"{reverse('admin:autocomplete')}?{urlencode(query)}"


def measured(client, address: str, rounds: int) -> tuple[float, float, int, int, str]:
    """Return (processor ms, elapsed ms, queries, bytes, URL), as medians of several requests."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    query_count = len(queries)
    elapsed, worked = [], []
    for _ in range(rounds):
        started, running = time.perf_counter(), time.process_time()
        client.get(address)
        elapsed.append((time.perf_counter() - started) * 1000)
        worked.append((time.process_time() - running) * 1000)
    work, took = statistics.median(worked), statistics.median(elapsed)
    return work, took, query_count, len(response.content), address


if __name__ == "__main__":
    main()
