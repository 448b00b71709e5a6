"""Time harvests and bulk files next to the list page, on one server, while sessions change.

    python -m benchmarks.harvest --talks talks.jsonl.gz
    python -m benchmarks.harvest --var DIR            (an existing database, which is written to)

Harvests everything by OAI-PMH with sickle, in both formats, and with the cursor of the API, while
sessions are edited, withdrawn, deleted permanently and published. Prints records per second, and
how many of the sessions that were public throughout were missing or harvested twice. Afterwards
deletions, changes since a moment (`updated_since`) and the sizes of sets are compared with the
database and with lists; the exit status is 1 if anything differs. Finally prints the time to create
the bulk files and to download the largest one, and the p50 of lists. DATABASE_URL selects PostgreSQL.
"""

import argparse
import gzip
import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import urlencode

from benchmarks.archive import add_archive_options, prepare_to_serve
from benchmarks.pages import Server, measure

PAUSE = 0.05  # seconds between changes
API_PAGE = 100  # records
SETS = 5  # of each kind: the largest, and this many others


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_archive_options(parser)
    parser.add_argument("--rounds", type=int, default=40, help="requests of each page (40)")
    options = parser.parse_args()
    prepare_to_serve(options, RATE_LIMITS="off")
    import django

    django.setup()
    from django.db import connection

    from sessions_app.models import Session

    print(f"sessions: {Session.objects.published().count()}   database: {connection.vendor}")
    began = datetime.now(UTC).replace(microsecond=0)
    with Server(PAGE_CACHE_MIB="0") as server:
        bad = [
            harvested(name, read, server)
            for name, read in (
                ("OAI-PMH, oai_dc", lambda server: by_oai(server, "oai_dc")),
                ("OAI-PMH, oai_datacite", lambda server: by_oai(server, "oai_datacite")),
                (f"API by cursor, {API_PAGE} a page", by_api),
            )
        ]
        bad += [deletions(server), changed_since(server, began), sets(server)]
        bulk(server)
        measure(
            server,
            {
                "list page": "/sessions/",
                "list page, a word": "/sessions/?q=data",
                "API, list of 20": "/api/v1/sessions/",
                "API, list of 20, three fields": "/api/v1/sessions/?fields=slug,title,held_on",
                "OAI-PMH, a page of oai_dc": "/oai?verb=ListRecords&metadataPrefix=oai_dc",
            },
            options.rounds,
        )
    sys.exit(1 if any(bad) else 0)


def by_oai(server, prefix):
    """Yield the identifier of each record that is not deleted."""
    from sickle import Sickle

    for record in Sickle(f"http://127.0.0.1:{server.port}/oai").ListRecords(metadataPrefix=prefix):
        yield record.header.identifier, record.deleted


def by_api(server, **query):
    """Yield the URL of each session in the responses."""
    query = urlencode({"cursor": "", "per_page": API_PAGE, "fields": "url", **query})
    address = f"/api/v1/sessions/?{query}"
    connection = server.connection()
    while address:
        connection.request("GET", address)
        answer = json.loads(connection.getresponse().read())
        yield from ((row["url"], False) for row in answer["results"])
        address = answer["next"] and "/" + answer["next"].split("/", 3)[3]


def harvested(name, read, server) -> bool:
    """Harvest everything while sessions change and print the result; return whether there were errors."""
    from django.conf import settings

    from sessions_app.models import Session

    names = {
        key: (uid.urn, f"{settings.SITE_URL}/sessions/{slug}/")
        for key, uid, slug in Session.objects.published().values_list("pk", "uid", "slug")
    }
    changes = Changes(list(names))
    start, seen = time.perf_counter(), Counter()
    with changes:
        for identifier, is_deleted in read(server):
            if not is_deleted:
                seen[identifier] += 1
    seconds = time.perf_counter() - start
    lost = [
        key
        for key, own in names.items()
        if key not in changes.withdrawn and not any(map(seen.get, own))
    ]
    twice = [identifier for identifier, count in seen.items() if count > 1]
    print(
        f"{name}: {seen.total()} records in {seconds:.1f} s, {seen.total() / seconds:.0f} a second; "
        f"meanwhile {changes.done}; of {len(names) - len(changes.withdrawn)} sessions public all the "
        f"time {len(lost)} lost; {len(twice)} records twice",
        flush=True,
    )
    return bool(lost or twice)


def deletions(server) -> bool:
    """Compare present and deleted records of a harvest with the database."""
    from sickle import Sickle

    from sessions_app.models import DeletedSession, Session

    there, deleted = set(), set()
    headers = Sickle(f"http://127.0.0.1:{server.port}/oai").ListIdentifiers
    start = time.perf_counter()
    for header in headers(metadataPrefix="oai_dc"):
        (deleted if header.deleted else there).add(header.identifier)
    seconds = time.perf_counter() - start
    public = {session.uid.urn for session in Session.objects.published().only("uid")}
    withdrawn = Session.objects.filter(status="withdrawn", first_public_at__isnull=False)
    gone = {session.uid.urn for session in withdrawn.only("uid")}
    gone |= {row.uid.urn for row in DeletedSession.objects.only("uid")}
    wrong = len(there ^ public) + len(deleted ^ gone)
    print(
        f"ListIdentifiers: {len(there)} there, {len(deleted)} deleted in {seconds:.1f} s; "
        f"{wrong} differ from the database",
        flush=True,
    )
    return bool(wrong)


def changed_since(server, began) -> bool:
    """Compare the API's changes since a moment with the database."""
    from django.conf import settings

    from sessions_app.models import Session

    start = time.perf_counter()
    found = [address for address, _ in by_api(server, updated_since=began.isoformat())]
    seconds = time.perf_counter() - start
    changed = Session.objects.published().filter(updated_at__gte=began)
    slugs = changed.values_list("slug", flat=True)
    wrong = set(found) ^ {f"{settings.SITE_URL}/sessions/{slug}/" for slug in slugs}
    print(
        f"updated_since: {len(found)} sessions in {seconds:.1f} s; {len(wrong)} differ from the "
        f"database, {len(found) - len(set(found))} came twice",
        flush=True,
    )
    return bool(wrong) or len(found) != len(set(found))


def sets(server) -> bool:
    """Compare the sizes of the largest set and of some others of each kind with those of lists."""
    from sickle import Sickle
    from sickle.oaiexceptions import NoRecordsMatch

    harvester = Sickle(f"http://127.0.0.1:{server.port}/oai")
    names = {}
    for found in harvester.ListSets():
        kind, _, slug = found.setSpec.partition(":")
        names.setdefault(kind, []).append(slug)
    choose, wrong, compared = random.Random(2), [], 0
    connection = server.connection()
    wait_for_index(connection)
    for kind, slugs in names.items():
        connection.request("GET", f"/api/v1/sessions/?facets=1&facet_limit={SETS}&per_page=1")
        largest = json.loads(connection.getresponse().read())["facets"][kind]
        chosen = {value["value"] for value in largest}
        chosen |= set(choose.sample(sorted(filter(None, slugs)), min(SETS, len(slugs) - 1)))
        for slug in sorted(chosen):
            connection.request("GET", f"/api/v1/sessions/?{kind}={slug}&per_page=1")
            count = json.loads(connection.getresponse().read())["count"]
            try:
                headers = harvester.ListIdentifiers(metadataPrefix="oai_dc", set=f"{kind}:{slug}")
                size = sum(not header.deleted for header in headers)
            except NoRecordsMatch:
                size = 0
            compared += 1
            if size != count:
                wrong.append(f"{kind}:{slug} {size}, list {count}")
    told = ", ".join(f"{len(slugs) - 1} of {kind}" for kind, slugs in names.items())
    print(f"sets: {told}; {compared} compared with lists, {len(wrong)} differ {wrong[:5] or ''}")
    return bool(wrong)


def wait_for_index(connection):
    """Ask until a response no longer says that the index lags (X-Index-Lag)."""
    lags = True
    while lags:
        time.sleep(PAUSE)
        connection.request("GET", "/api/v1/sessions/?per_page=1")
        response = connection.getresponse()
        response.read()
        lags = response.getheader("X-Index-Lag") is not None


class Changes:
    """Edits, withdrawals, deletions and publications in another thread until the harvest is over."""

    def __init__(self, keys):
        self.keys, self.withdrawn, self.done = keys, set(), Counter()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *error):
        self.stop.set()
        self.thread.join()
        self.done = ", ".join(f"{count} {word}" for word, count in sorted(self.done.items()))

    def run(self):
        from django.db import connection

        from sessions_app.models import Session

        choose = random.Random(1)
        while not self.stop.wait(PAUSE):
            what = choose.choice(
                ("edited",) * 6 + ("published", "published", "withdrawn", "deleted")
            )
            if what == "published":
                Session.objects.create(title=f"New {time.time()}", status="published")
            else:
                key = choose.choice(self.keys)
                if key in self.withdrawn:
                    continue
                session = Session.objects.get(pk=key)
                if what == "edited":
                    session.title = session.title.rstrip(".") + "."
                    session.save()
                else:
                    self.withdrawn.add(key)
                    if what == "deleted":
                        session.delete()
                    else:
                        session.status = "withdrawn"
                        session.save()
            self.done[what] += 1
        connection.close()


def bulk(server):
    """Create the bulk files, and download the largest of them."""
    from sessions_app.formats.bulk_files import rebuild_outdated_files
    from sessions_app.models import BulkFile

    start = time.perf_counter()
    rebuild_outdated_files()
    seconds = time.perf_counter() - start
    sessions = BulkFile.objects.get(name="sessions.jsonl.gz")
    print(
        f"bulk files made in {seconds:.1f} s, {sessions.record_count / seconds:.0f} sessions a second"
    )
    for name in ("sessions.jsonl.gz", "archive.sqlite.gz"):
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", f"/api/v1/bulk/{name}")
        response = connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - start
        if response.status != 200:
            raise SystemExit(f"{name} answered {response.status}")
        rows = gzip.decompress(content).count(b"\n") if name.startswith("sessions") else 0
        told = f", {rows} records, {rows / seconds:,.0f} a second" if rows else ""
        print(f"{name}: {len(content) / 1e6:.1f} MB in {seconds * 1000:.0f} ms{told}")


if __name__ == "__main__":
    main()
