"""The systemd units of deploy/, checked by systemd itself."""

import re
import subprocess

import pytest
from django.conf import settings

from tests.programs import find, needs

UNITS = sorted((settings.BASE_DIR / "deploy").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_may_write_to_the_documented_folders(unit):
    guide = (settings.BASE_DIR / "docs" / "operator.md").read_text()
    (writable,) = re.findall("^ReadWritePaths=(.*)$", unit.read_text(), re.MULTILINE)
    folders = re.findall("(?:VAR_DIR|PRIVATE_STORAGE_URL)=(/.*)", guide)

    assert folders
    assert set(folders) <= {path.lstrip("-") for path in writable.split()}


@needs("systemd-analyze")
def test_units_are_valid_for_systemd():
    timers = (settings.BASE_DIR / "deploy").glob("*.timer")
    done = subprocess.run(
        [find("systemd-analyze"), "verify", *UNITS, *timers], capture_output=True, text=True
    )

    said = [line for line in done.stderr.splitlines() if "/deploy/" in line or "archive-" in line]
    # The programs are not installed at the paths in the units.
    assert [line for line in said if "is not executable" not in line] == []
