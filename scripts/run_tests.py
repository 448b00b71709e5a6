"""`make test`: lint, migrations, then the whole suite on SQLite and on PostgreSQL.

PostgreSQL runs from a throw-away cluster on a free port, Chromium from the system. Where one is
missing, its part is reported as skipped with the package to install; REQUIRE_ALL=1 makes that a
failure. Nothing of the developer's own data or servers is touched.
"""

import glob
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
RUFF = str(Path(sys.executable).with_name("ruff"))
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
# Settings of the developer's own site must not reach the tests.
OWN = (
    "DATABASE_URL",
    "CACHE_URL",
    "EMAIL_URL",
    "SECRET_KEY",
    "SITE_URL",
    "DEBUG",
    "ALLOWED_HOSTS",
)


def main() -> int:
    environment = {key: value for key, value in os.environ.items() if key not in OWN}
    failed, skipped = [], []
    with tempfile.TemporaryDirectory(prefix="archive-test-") as folder:
        environment["VAR_DIR"] = folder
        environment["ARCHIVE_ENV_FILE"] = os.devnull

        def run(name, command, **variables):
            print(f"\n== {name}", flush=True)
            done = subprocess.run(command, cwd=ROOT, env={**environment, **variables}, check=False)
            if done.returncode:
                failed.append(name)

        run("ruff", [RUFF, "check", "."])
        run("ruff format", [RUFF, "format", "--check", "."])
        run("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"])

        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        pytest = [PYTHON, "-m", "pytest", *sys.argv[1:]]
        if chromium:
            run("suite on SQLite, with browser tests", pytest, CHROMIUM=chromium)
        else:
            skipped.append("browser tests: no Chromium found; install the package chromium")
            run("suite on SQLite", [*pytest, "-m", "not browser"])

        binaries = postgresql_binaries()
        if binaries:
            with cluster(binaries, Path(folder)) as url:
                run(
                    "suite on PostgreSQL",
                    [*pytest, "-m", "not browser"],
                    DATABASE_URL=url,
                    VAR_DIR=str(Path(folder) / "postgresql"),
                )
        else:
            skipped.append("PostgreSQL: initdb not found; install the package postgresql")

    print("\n== result")
    for line in skipped:
        print(f"{'FAILED' if REQUIRE_ALL else 'skipped'}: {line}")
    for name in failed:
        print(f"FAILED: {name}")
    if failed or (skipped and REQUIRE_ALL):
        return 1
    print("Everything passed.")
    return 0


def postgresql_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server, or None."""
    debian = sorted(
        glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4])
    )
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def cluster(binaries: Path, folder: Path):
    """Run a PostgreSQL server below `folder` on a free port; yield its DATABASE_URL.

    initdb refuses to run as root, so root hands the folder to an unprivileged account.
    """
    home = folder / "cluster"
    home.mkdir()
    as_user = []
    if os.geteuid() == 0:
        account = "postgres" if account_exists("postgres") else "nobody"
        shutil.chown(home, account)
        folder.chmod(0o711)
        as_user = [
            "setpriv",
            f"--reuid={account}",
            f"--regid={group_of(account)}",
            "--clear-groups",
        ]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command):
        subprocess.run(
            [*as_user, *command], check=True, cwd=home, stdout=subprocess.DEVNULL, env=plain()
        )

    data = home / "data"
    run(binaries / "initdb", "-D", data, "-U", "archive", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -F"
    run(binaries / "pg_ctl", "-D", data, "-o", options, "-l", home / "log", "-w", "start")
    try:
        yield f"postgres://archive@127.0.0.1:{port}/postgres"
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def plain():
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def account_exists(name):
    return any(
        line.startswith(f"{name}:") for line in Path("/etc/passwd").read_text().splitlines()
    )


def group_of(account):
    for line in Path("/etc/passwd").read_text().splitlines():
        if line.startswith(f"{account}:"):
            return line.split(":")[3]
    raise LookupError(account)


if __name__ == "__main__":
    sys.exit(main())
