"""The archive that a benchmark reads: an existing one, or one filled for this run."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def add_archive_options(parser) -> None:
    parser.add_argument("--sessions", type=int, help="size of a demonstration archive to make")
    parser.add_argument("--talks", type=Path, help="a talks.jsonl.gz to import")
    parser.add_argument("--var", type=Path, help="folder of an existing database")


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


def prepare_to_serve(options, **environment: str) -> None:
    """Set the environment for servers of the archive chosen by the options, and update that archive."""
    folder = options.var or Path(tempfile.mkdtemp(prefix="archive-benchmark-"))
    os.environ |= {
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DEMO": "0",
        "LOG_LEVEL": "WARNING",
        **environment,
    }
    if not options.var:
        prepare(options)
    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    manage("tick")  # as every minute: update the index and the database statistics


def open_empty_archive(**environment: str) -> None:
    """Set up Django with an empty archive of its own, which sends no mail."""
    os.environ |= {
        "VAR_DIR": tempfile.mkdtemp(prefix="archive-benchmark-"),
        "DJANGO_SETTINGS_MODULE": "sma_archive.settings",
        "SECRET_KEY": "benchmark",
        "DEMO": "0",
        "LOG_LEVEL": "CRITICAL",
        "RATE_LIMITS": "off",
        **environment,
    }
    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    import django  # reads the settings, which read the environment

    django.setup()


@contextmanager
def open_archive(options) -> Iterator[None]:
    """Set up Django with the archive chosen by the options; DATABASE_URL selects PostgreSQL."""
    folder = options.var or Path(tempfile.mkdtemp(prefix="archive-benchmark-"))
    os.environ |= {
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "sma_archive.settings",
        "DEMO": "0",
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "WARNING",
    }
    try:
        if not options.var:
            prepare(options)
        import django  # reads the settings, which read the environment

        django.setup()
        from site_app.sqlite_statistics import refresh_sqlite_statistics

        refresh_sqlite_statistics()  # as the tick does every hour
        yield
    finally:
        if not options.var:
            shutil.rmtree(folder, ignore_errors=True)
