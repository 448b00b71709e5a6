"""A temporary PostgreSQL server for one run of the tests."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")  # one folder per version; not on the PATH
PACKAGE = "install the Debian package postgresql"
# The cluster is deleted after the run, so nothing needs to be flushed to disk.
HASTE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
SECONDS = "300"  # for a busy machine to start or stop it


class ClusterError(Exception):
    """Why there is no server, and what to install."""


def find_binaries() -> Path:
    """Return the folder with the programs of the newest server. Raises ClusterError if there is none."""
    debian = DEBIAN.glob("[0-9]*/bin/initdb")
    newest = max(debian, key=lambda path: float(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    if not found:
        raise ClusterError(f"no initdb found; {PACKAGE}")
    return Path(found).parent


@contextmanager
def running_cluster(binaries: Path, folder: Path) -> Iterator[dict[str, str]]:
    """Run a server in `folder`, accessible only by a socket there; yield the environment for it.

    PostgreSQL refuses to run as root, so root starts it with another account.
    """
    home = folder / "postgresql"
    home.mkdir()
    account = {}
    if os.geteuid() == 0:
        name = unprivileged_account()
        shutil.chown(home, name)
        folder.chmod(0o711)  # to pass through, not to list
        account = {"user": name, "extra_groups": []}
    log = home / "log"

    def run(program, *arguments):
        done = subprocess.run(
            [binaries / program, "-D", home / "data", *arguments],
            cwd=home,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **account,
        )
        if done.returncode:
            said = log.read_text() if log.exists() else done.stdout
            raise ClusterError(f"{program} failed; {PACKAGE}\n{said.strip()}")

    run("initdb", "-U", "archive", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}' {HASTE}"
    run("pg_ctl", "-o", options, "-l", log, "-s", "-w", "-t", SECONDS, "start")
    try:
        yield {
            "DATABASE_URL": "postgres://archive@/postgres",
            "PGHOST": str(home),
            "PGPORT": "5432",
        }
    finally:
        run("pg_ctl", "-m", "immediate", "-s", "-w", "-t", SECONDS, "stop")


def unprivileged_account() -> str:
    """Return the account created by the package, or one that every system has."""
    accounts = Path("/etc/passwd").read_text().splitlines()
    return "postgres" if any(line.startswith("postgres:") for line in accounts) else "nobody"
