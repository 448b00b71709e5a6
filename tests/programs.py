"""Programs that some tests need, if they are installed."""

import os
import shutil

import pytest

REQUIRE_ALL = os.environ.get("REQUIRE_ALL", "") not in ("", "0")
# Administration programs are not always on a user's PATH.
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def find(program: str) -> str | None:
    return shutil.which(program, path=PATH)


def needs(program: str):
    """Mark a test that needs `program`: skipped without it, or failed if REQUIRE_ALL is set."""
    return pytest.mark.skipif(
        find(program) is None and not REQUIRE_ALL,
        reason=f"needs {program}: install the Debian package {program}",
    )
