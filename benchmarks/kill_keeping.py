"""SIGKILL of backup, restore, export and import, at several points each.

    python -m benchmarks.kill_keeping --sessions 200
    python -m benchmarks.kill_keeping --points 2             (a quick run)
    python -m benchmarks.kill_keeping --database URL --empty URL      (two empty PostgreSQL databases)
    python -m benchmarks.kill_keeping --only restore,import

Each command runs once to completion, to measure its time, and then, with ten points, until it is
killed at 5 %, 15 % … 95 % of that time. Whatever looks complete afterwards must be complete: backups are
checked by their checksums, bags by bagit, restored and imported places by their tables. Then the
command runs again and must succeed. The exit status is 1 if anything incomplete looks complete, or
if a command cannot be repeated.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.archive import ROOT
from benchmarks.backup_under_writes import Place, same

COMMANDS = ("backup", "export", "restore", "import")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=20, help="of the archive (20)")
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database")
    parser.add_argument("--empty", default="", help="another, to restore and import into")
    parser.add_argument("--only", default=",".join(COMMANDS), help="commands to kill")
    parser.add_argument("--points", type=int, default=10, help="at which each is killed (10)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="archive-kill-"))
    site = Place(folder / "site", options.database)
    site.manage("migrate", "-v0")
    site.manage("seed_demo", "--sessions", str(options.sessions))
    run = Run(folder, site, options.empty, options.points)
    chosen = options.only.split(",")
    if "backup" not in chosen:
        site.manage("backup", folder / "backups")
    if "export" not in chosen:
        site.manage("export_archive", folder / "bag")
    kill = {
        "backup": run.backup,
        "export": run.export,
        "restore": run.restore,
        "import": run.import_,
    }
    bad = sum(kill[name]() for name in COMMANDS if name in chosen)
    sys.exit(1 if bad else 0)


class Run:
    def __init__(self, folder, site, empty, points):
        self.folder, self.site, self.empty, self.points = folder, site, empty, points
        self.count, self.migrated = 0, None

    def backup(self) -> int:
        """Kill backups; return how many folders look complete but are not."""
        target = self.folder / "backups"
        seconds = timed(self.site, "backup", target)
        bad = 0
        for point in range(self.points):
            known = set(complete(target))
            if target.exists() and point % 2 == 0:
                # Every other time nothing of the earlier attempt can be reused.
                shutil.rmtree(target)
                known = set()
            killed(self.site, seconds * (point + 0.5) / self.points, "backup", target)
            new = [path for path in complete(target) if path not in known]
            bad += sum(not sums_hold(path) for path in new)
            self.site.manage("backup", target)
            bad += not sums_hold(complete(target)[-1])
        return self.told("backup", seconds, bad)

    def export(self) -> int:
        target = self.folder / "bag"
        seconds = timed(self.site, "export_archive", target)
        bad = 0
        for point in range(self.points):
            shutil.rmtree(target, ignore_errors=True)
            killed(self.site, seconds * (point + 0.5) / self.points, "export_archive", target)
            if target.exists():  # it ended just before
                bad += not bag_is_valid(target)
                shutil.rmtree(target)
            self.site.manage("export_archive", target)
            bad += not bag_is_valid(target)
        return self.told("export", seconds, bad)

    def restore(self) -> int:
        """Kill restores; the database must be complete or unchanged, and a repeated restore identical."""
        source = self.folder / "backups"
        before = self.site.look()
        place = self.place()
        seconds = timed(place, "restore", source)
        bad = not same(before, place.look())
        for point in range(self.points):
            place = self.place()
            killed(place, seconds * (point + 0.5) / self.points, "restore", source)
            rows = session_count(place)
            bad += rows not in (0, session_count(self.site))
            place.manage("restore", source, *(["--replace"] if rows else []))
            bad += not same(before, place.look())
        return self.told("restore", seconds, bad)

    def import_(self) -> int:
        source = self.folder / "bag"
        place = self.place()
        seconds = timed(place, "import_archive", source)
        whole = session_count(place)
        bad = whole != session_count(self.site)
        for point in range(self.points):
            place = self.place()
            killed(place, seconds * (point + 0.5) / self.points, "import_archive", source)
            rows = session_count(place)
            bad += rows not in (0, whole)
            if not rows:
                place.manage("import_archive", source)
                bad += session_count(place) != whole
        return self.told("import", seconds, bad)

    def told(self, name, seconds, bad) -> int:
        print(
            f"{name}: {seconds:.1f} s; killed {self.points} times, {bad} times something was wrong",
            flush=True,
        )
        return bad

    def place(self) -> Place:
        """Return an empty place with tables, copied from one that was migrated once."""
        self.count += 1
        place = Place(self.folder / f"place-{self.count}", self.empty)
        if self.migrated is None:
            if self.empty:
                place.empty()
            place.manage("migrate", "-v0")
            self.migrated = self.folder / "migrated"
            shutil.copytree(self.folder / f"place-{self.count}", self.migrated)
            if self.empty:
                copy_database(self.empty, f"{database_name(self.empty)}_migrated")
            return place
        shutil.copytree(self.migrated, self.folder / f"place-{self.count}", dirs_exist_ok=True)
        if self.empty:
            copy_database(f"{self.empty}_migrated", database_name(self.empty))
        return place


def database_name(url) -> str:
    return url.rpartition("/")[2]


def copy_database(url, name) -> None:
    """Replace a PostgreSQL database by a copy of another one on the same server."""
    import psycopg2

    source = database_name(url)
    connection = psycopg2.connect(url.removesuffix(source) + "postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        # A killed command may have left a server process running.
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    connection.close()


def timed(place, *arguments) -> float:
    start = time.perf_counter()
    place.manage(*arguments)
    return time.perf_counter() - start


def killed(place, seconds, *arguments) -> None:
    """Run a command and kill it after some seconds, together with its child processes."""
    command = [sys.executable, "manage.py", *map(str, arguments)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=place.environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def complete(folder) -> list[Path]:
    """Return the backups in a folder that have their final names."""
    found = folder.glob("[0-9]*Z*") if folder.exists() else []
    return sorted(path for path in found if (path / "manifest.json").exists())


def sums_hold(path) -> bool:
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"],
        cwd=path,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def bag_is_valid(path) -> bool:
    import bagit

    try:
        return bagit.Bag(str(path)).validate()
    except bagit.BagError:
        return False


def session_count(place) -> int:
    return int(
        place.ask("from sessions_app.models import Session; print(Session.objects.count())")
    )


if __name__ == "__main__":
    main()
