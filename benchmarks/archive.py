"""The archive that a benchmark reads: one made before, or one filled now and removed at the end."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.pages import prepare


def add_archive_options(parser) -> None:
    parser.add_argument("--sessions", type=int, help="size of a demonstration archive to make")
    parser.add_argument("--talks", type=Path, help="a talks.jsonl.gz to import")
    parser.add_argument("--var", type=Path, help="folder of a database made before")


@contextmanager
def open_archive(options) -> Iterator[None]:
    """Set Django up on the archive of the options; DATABASE_URL selects PostgreSQL."""
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
        from site_app.sqlite_analyze import refresh_statistics

        refresh_statistics()  # as the tick does each hour
        yield
    finally:
        if not options.var:
            shutil.rmtree(folder, ignore_errors=True)
