"""Programs that some tests drive, when they are installed."""

import os
import shutil

import pytest

REQUIRE_ALL = os.environ.get("REQUIRE_ALL", "") not in ("", "0")
# Programs of an administrator are not always on the path of a user.
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def find(program: str) -> str | None:
    return shutil.which(program, path=PATH)


def needs(program: str):
    """Mark a test that drives `program`: left out without it, failing if REQUIRE_ALL is set."""
    return pytest.mark.skipif(
        find(program) is None and not REQUIRE_ALL,
        reason=f"needs {program}: install the Debian package {program}",
    )
