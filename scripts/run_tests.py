"""`make test`: lint, migrations, then the suite on SQLite and on PostgreSQL in parallel.

Every test that uses a database runs on both, its additional cases on one (tests/parts.py); FULL=1 runs
every case on both. Tests without a database run once, together with those on PostgreSQL.
PostgreSQL runs as a temporary cluster, Chromium from the system. If one is missing, its part is
reported as skipped with the package to install; REQUIRE_ALL=1 makes that a failure.
The developer's own data and servers are not touched. Arguments are passed to pytest.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from postgresql import ClusterError, find_binaries, running_cluster

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.chromium import find_chromium

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
RUFF = str(Path(sys.executable).with_name("ruff"))
MYPY = str(Path(sys.executable).with_name("mypy"))
LINT_IMPORTS = str(Path(sys.executable).with_name("lint-imports"))
DJADE = str(Path(sys.executable).with_name("djade"))
DJHTML = str(Path(sys.executable).with_name("djhtml"))
REQUIRE_ALL = os.environ.get("REQUIRE_ALL", "") not in ("", "0")
FULL = os.environ.get("FULL", "") not in ("", "0")
# Settings of the developer's own site must not affect the tests.
OWN_SETTINGS = {
    *(
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "DATABASE_URL",
        "CACHE_URL",
        "EMAIL_URL",
        "ALLOWED_HOSTS",
        "SITE_URL",
    ),
    *("SITE_NAME", "DEFAULT_FROM_EMAIL", "ARCHIVE_CONTACT_EMAIL", "MEDIA_STORAGE_URL"),
    *(
        "PRIVATE_STORAGE_URL",
        "PRIVATE_DELIVERY",
        "PRIVATE_SIGNED_SECONDS",
        "INDEX_DIR",
        "DEBUG",
        "DEMO",
        "ADMIN_USER",
        "ADMIN_PASSWORD",
    ),
    *("TRUSTED_PROXIES", "REQUEST_CONFIRMATION", "RATE_LIMITS", "WEB_PROCESSES", "VAR_DIR"),
    *("HOST", "PORT", "SERVED_AT", "TIME_ZONE", "LOG_LEVEL"),
    # `make` passes its state to child processes; a `make` that a test starts must not inherit it.
    *("MAKEFLAGS", "MFLAGS", "MAKELEVEL"),
    # Programs that tests start repeatedly would otherwise compile the same modules each time.
    "PYTHONDONTWRITEBYTECODE",
}


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *caught: sys.exit(143))  # so that `finally` blocks run
    with tempfile.TemporaryDirectory(prefix="archive-tests-") as folder, ExitStack() as stack:
        return Run(Path(folder), stack).everything(sys.argv[1:])


def part(name: str) -> list[str]:
    """Return the argument that selects a part of the suite."""
    return [] if FULL else [f"--part={name}"]


class Run:
    """One run: its folder, its environment, and its result."""

    def __init__(self, folder: Path, stack: ExitStack):
        self.folder = folder
        self.stack = stack
        self.environment = {
            name: value for name, value in os.environ.items() if name not in OWN_SETTINGS
        } | {"VAR_DIR": str(folder / "var"), "ARCHIVE_ENV_FILE": os.devnull}
        self.failed: list[str] = []
        self.skipped: list[str] = []
        self.closing_lines: list[str] = []

    def everything(self, pytest_arguments: list[str]) -> int:
        self.check("ruff check", [RUFF, "check", "."])
        self.check("ruff format", [RUFF, "format", "--check", "--quiet", "."])
        self.check("order of imports", [LINT_IMPORTS, "--no-logo", "--no-cache"])
        self.check("types", [MYPY])
        templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
        self.check("djade", [DJADE, "--target-version", "5.2", "--check", *templates])
        self.check("djhtml", [DJHTML, "--tabwidth", "2", "--check", *templates])
        self.check("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"])
        pytest = [PYTHON, "-m", "pytest", *pytest_arguments]
        on_postgresql = self.start_on_postgresql(pytest)
        # Alone, a database runs every case.
        self.on_sqlite([*pytest, *(part("sqlite") if on_postgresql else [])])
        if on_postgresql:
            self.finish(*on_postgresql)
        return self.result()

    def check(self, name, command):
        print(f"== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=self.environment, check=False).returncode:
            self.failed.append(name)

    def start_on_postgresql(self, pytest):
        """Start the suite in parallel with the one on SQLite; its output is shown at the end."""
        try:
            server = self.stack.enter_context(running_cluster(find_binaries(), self.folder))
        except ClusterError as error:
            self.skipped.append(f"the suite on PostgreSQL: {error}")
            return None
        output = self.stack.enter_context((self.folder / "postgresql.log").open("w+"))
        # Browser tests do not depend on the database and take long: once is enough.
        process = subprocess.Popen(
            [*pytest, *part("postgresql"), "-m", "not browser", "-p", "no:cacheprovider"],
            cwd=ROOT,
            env=self.environment | server,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        self.stack.callback(process.kill)
        return "suite on PostgreSQL", process, output

    def on_sqlite(self, pytest):
        environment = dict(self.environment)
        chromium = find_chromium()
        if chromium:
            environment["CHROMIUM"] = chromium
        else:
            self.skipped.append(
                "browser tests: no Chromium found; install the Debian package chromium, "
                "or name the program in CHROMIUM"
            )
            pytest = [*pytest, "-m", "not browser"]
        print("== suite on SQLite", flush=True)
        process = subprocess.Popen(
            pytest, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        self.stack.callback(process.kill)
        last = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
        self.note("suite on SQLite", process.wait(), last)

    def finish(self, name, process, output):
        status = process.wait()
        output.seek(0)
        lines = output.read().splitlines()
        print(f"== {name}", *lines, sep="\n", flush=True)
        self.note(name, status, next((line for line in reversed(lines) if line.strip()), ""))

    def note(self, name, status, closing_line):
        self.closing_lines.append(f"{name}: {closing_line}")
        if status:
            self.failed.append(name)

    def result(self) -> int:
        """Print the result, pytest's closing lines last; return the exit status."""
        print("\n== result")
        for name in self.failed:
            print(f"FAILED {name}")
        for reason in self.skipped:
            print(f"{'FAILED, as REQUIRE_ALL is set' if REQUIRE_ALL else 'SKIPPED'} {reason}")
        print(*self.closing_lines, sep="\n")
        return 1 if self.failed or (self.skipped and REQUIRE_ALL) else 0


if __name__ == "__main__":
    sys.exit(main())
