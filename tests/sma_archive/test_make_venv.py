import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

# Responds like a Python of this version, with or without the module ensurepip.
INTERPRETER = """#!/bin/sh
case "$2" in
*version_info*print*|*print*version_info*) echo {version}; exit 0;;
*version_info*) exit {unfit};;
*ensurepip*) exit {without_pip};;
esac
echo "$0" "$@"
"""


@pytest.fixture
def make_venv(tmp_path):
    """Return a function that runs the script where only the given interpreters exist."""

    def run(wanted="", **interpreters):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name, (version, unfit, without_pip) in interpreters.items():
            path = folder / name
            path.write_text(
                INTERPRETER.format(version=version, unfit=unfit, without_pip=without_pip)
            )
            path.chmod(0o755)
        return subprocess.run(
            ["/bin/sh", settings.BASE_DIR / "scripts/make_venv.sh", tmp_path / "venv", wanted],
            env={"PATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_first_suitable_python_is_used(make_venv, tmp_path):
    done = make_venv(**{"python3": ("3.9", 1, 0), "python3.12": ("3.12", 0, 0)})

    made = f"{tmp_path}/bin/python3.12 -m venv --clear {tmp_path}/venv"
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, made)


def test_missing_python_is_reported_with_its_package(make_venv):
    done = make_venv(python3=("3.9", 1, 0))

    assert done.returncode == 1
    assert "apt-get install python3 python3-venv" in done.stderr


def test_missing_ensurepip_is_reported_with_its_package(make_venv):
    done = make_venv(python3=("3.13", 0, 1))

    assert done.returncode == 1
    assert "apt-get install python3.13-venv" in done.stderr


def test_unsuitable_python_is_reported(make_venv):
    done = make_venv(wanted="python3.9", **{"python3.9": ("3.9", 1, 0), "python3": ("3.11", 0, 0)})

    assert done.returncode == 1
    assert done.stderr == "python3.9 is no Python from 3.11 to 3.14.\n"


def test_working_environment_is_not_changed(make_venv, tmp_path):
    (tmp_path / "venv/bin").mkdir(parents=True)
    python = tmp_path / "venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)

    done = make_venv()

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
