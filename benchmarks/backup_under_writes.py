"""Back up while sessions are written, restore into an empty place, and compare everything.

    python -m benchmarks.backup_under_writes --sessions 300 --writes 500
    python -m benchmarks.backup_under_writes --database URL --empty URL        (two empty PostgreSQL databases)

Four threads write numbered sessions, each with a recommendation and a document in one transaction,
while `manage.py backup` runs. The restored place must contain everything from before the backup,
some of the new sessions, each of them complete, and every file that the database names. After the
writes a second, incremental backup is restored into another empty place, and this benchmark
compares every row of every table and every file with the original, using code of its own. The exit
status is 1 if anything differs.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.archive import ROOT

THREADS = 4
TITLE = "Written meanwhile"
# Rows that a process writes by reading an archive.
OF_THE_MACHINE = {"site_app_jobstate", "site_app_clockreading"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=300, help="there before (300)")
    parser.add_argument("--writes", type=int, default=500, help="while the backup runs (500)")
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database")
    parser.add_argument("--empty", default="", help="another, to restore into (emptied between)")
    parser.add_argument("--look", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look:
        print(json.dumps(everything()))
        return
    folder = Path(tempfile.mkdtemp(prefix="archive-backup-"))
    site = Place(folder / "site", options.database)
    site.manage("migrate", "-v0")
    site.manage("seed_demo", "--sessions", str(options.sessions))
    sys.exit(run(options, folder, site))


class Place:
    """An archive of its own: VAR_DIR and a database."""

    def __init__(self, var, database):
        self.environment = {
            **os.environ,
            "VAR_DIR": str(var),
            "DJANGO_SETTINGS_MODULE": "sma_archive.settings",
            "SECRET_KEY": "benchmark",
            "DEMO": "0",
            "LOG_LEVEL": "ERROR",
        }
        if database:
            self.environment["DATABASE_URL"] = database
        var.mkdir()

    def manage(self, *arguments) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{arguments[0]} ended with {done.returncode}: {done.stderr[-1000:]}")
        return done.stdout

    def empty(self) -> None:
        """Drop all tables of a PostgreSQL database."""
        import psycopg2

        with psycopg2.connect(self.environment["DATABASE_URL"]) as connection:
            connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def ask(self, program) -> str:
        """Return the output of a short Python program that runs in this place."""
        return self.manage("shell", "--no-imports", "-c", program)

    def look(self) -> dict:
        command = [sys.executable, "-m", "benchmarks.backup_under_writes", "--look"]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)


def run(options, folder, site) -> int:
    before = site.look()
    writes = Writes(site, options.writes)
    writes.start()
    writes.wait_for(options.writes // 20)
    done_before = writes.done
    start = time.perf_counter()
    told = site.manage("backup", folder / "backups")
    seconds, done_after = time.perf_counter() - start, writes.done
    writes.join()
    print(
        f"backup: {seconds:.1f} s, {writes.rate():.0f} writes a second beside it; "
        f"{done_before} writes before it, {done_after} at its end, {writes.done} in all"
    )
    print(told.strip().splitlines()[-1].replace(f"{folder}/", ""))

    restored = Place(folder / "one", options.empty)
    start = time.perf_counter()
    print(restored.manage("restore", folder / "backups").strip().splitlines()[0])
    print(f"restore: {time.perf_counter() - start:.1f} s")
    bad = check_moment(before, restored.look(), done_before, done_after)

    start = time.perf_counter()
    site.manage("backup", folder / "backups")
    print(f"second backup: {time.perf_counter() - start:.1f} s")
    other = Place(folder / "two", options.empty)
    other.manage("restore", folder / "backups", *(["--replace"] if options.empty else []))
    return 1 if bad + compare(site.look(), other.look()) else 0


def check_moment(before, there, least, most) -> int:
    """Print which of the writes are in a restored place; return the number of errors."""
    writes = there["writes"]
    partial = [number for number, parts in writes.items() if parts != [1, 1, True]]
    lost = [name for name, sha in before["files"].items() if there["files"].get(name) != sha]
    outside = not least <= len(writes) <= most + THREADS
    print(
        f"of the writes {len(writes)} are in it, {len(partial)} in part; of {len(before['files'])} files "
        f"before it {len(lost)} are missing or differ; {len(there['missing'])} files are named and not there"
    )
    return len(partial) + len(lost) + len(there["missing"]) + outside


def same(site, other) -> bool:
    """Return whether two places have the same rows and files."""
    tables = site["tables"].keys() | other["tables"].keys()
    return site["files"] == other["files"] and all(
        site["tables"].get(name) == other["tables"].get(name) for name in tables - OF_THE_MACHINE
    )


def compare(site, other) -> int:
    """Print how two places differ, table by table and file by file; return the number of differences."""
    tables = site["tables"].keys() | other["tables"].keys()
    different = [
        name
        for name in tables - OF_THE_MACHINE
        if site["tables"].get(name) != other["tables"].get(name)
    ]
    files = site["files"].keys() | other["files"].keys()
    wrong = [name for name in files if site["files"].get(name) != other["files"].get(name)]
    rows = sum(count for count, _digest in site["tables"].values())
    print(
        f"compared: {len(tables)} tables with {rows} rows, {len(different)} differ "
        f"{sorted(different) or ''}; {len(files)} files, {len(wrong)} differ {sorted(wrong)[:3] or ''}"
    )
    return len(different) + len(wrong)


class Writes:
    """Threads that write sessions, each with a recommendation and a document in one transaction."""

    def __init__(self, site, count):
        os.environ.update(site.environment)
        import django

        django.setup()
        self.count, self.done, self.taken = count, 0, 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.write) for _ in range(THREADS)]

    def start(self):
        self.began = time.perf_counter()
        for thread in self.threads:
            thread.start()

    def wait_for(self, count):
        while self.done < count:
            time.sleep(0.01)

    def join(self):
        for thread in self.threads:
            thread.join()
        self.ended = time.perf_counter()

    def rate(self):
        return self.done / (self.ended - self.began)

    def write(self):
        from django.core.files.base import ContentFile
        from django.db import connection, transaction

        from sessions_app.models import Document, Recommendation, Session

        while True:
            with self.lock:
                if self.taken == self.count:
                    break
                self.taken += 1
                number = self.taken
            with transaction.atomic():
                session = Session.objects.create(title=f"{TITLE} {number}", status="published")
                Recommendation.objects.create(session=session, text=f"Advice {number}", number=1)
                document = Document(session=session, title=f"Paper {number}", number=1)
                content = ContentFile(b"%PDF-1.4 " + f"{number}".encode() * 20_000)
                document.file.save(f"paper-{number}.pdf", content)
            with self.lock:
                self.done += 1
        connection.close()


def everything() -> dict:
    """Return the digests of all rows and files of this place, and which of the writes it contains."""
    import django

    django.setup()
    from django.core.files.storage import storages
    from django.db import connection

    from preservation_app import stored_files
    from sessions_app.models import Document, Session

    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            lines = sorted(
                json.dumps(sorted(zip(columns, map(written, row), strict=True))) for row in cursor
            )
            tables[table] = [len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()]
    files = {
        file.label: stored_files.sha256_of_file(file.storage, file.name)
        for file in stored_files.stored_files()
    }
    named = Document.objects.exclude(file="").values_list("file", flat=True)
    missing = [name for name in named if not storages["private"].exists(name)]
    writes = {}
    for session in Session.objects.filter(title__startswith=TITLE).prefetch_related("documents"):
        documents = list(session.documents.all())
        there = all(storages["private"].exists(document.file.name) for document in documents)
        parts = [session.recommendations.count(), len(documents), there]
        writes[session.title.rpartition(" ")[2]] = parts
    return {"tables": tables, "files": files, "missing": missing, "writes": writes}


def written(value) -> str:
    if isinstance(value, memoryview | bytes):
        return hashlib.sha256(bytes(value)).hexdigest()
    return json.dumps(value, default=str, sort_keys=True)


if __name__ == "__main__":
    main()
