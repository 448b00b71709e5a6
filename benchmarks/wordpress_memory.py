"""Memory and time of `import_wordpress` for a generated export of a million lines.

    python -m benchmarks.wordpress_memory --lines 1000000 [--paragraphs 100] [--dry-run]

The export contains posts with that many lines of text, and three comments and a file for each post.
The command runs in a separate process on an empty SQLite database; every fifth of a second its memory
is read from /proc (Linux). RssAnon is the memory of the process itself; VmHWM includes mapped files.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.ingest_app.wordpress.exports import CLOSING, OPENING, attachment, comment, filed, item  # noqa: E402 - not installed

FAMILIES = ["Lund", "Greer", "Haddad", "Nwosu", "Hartog", "Okoro", "Steiner", "Marlowe", "Abe"]
BODIES = ["Harbour Institute", "Coast Desk", "Levant Survey", "Gulf Observatory", "River Office"]


def write_export(path: Path, lines: int, paragraphs: int) -> int:
    """Write an export of at least `lines` lines; return the number of posts."""
    written = posts = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(OPENING)
        while written < lines:
            posts += 1
            number = posts * 10
            family, body = FAMILIES[posts % 9], BODIES[posts % 5]
            text = (
                f"Speakers: Dr. A{posts % 40} {family} ({body})\n\nDate: {posts % 28 + 1} May 2019\n\n"
                "Speaker Session Summary\n\n"
                + "".join(
                    f"Paragraph {each} of post {posts} says what a quay knows.\n"
                    for each in range(paragraphs)
                )
                + f'<a href="https://old.example/wp-content/uploads/f-{posts}.pdf">A file</a>'
            )
            pieces = item(
                number,
                text,
                title=f"Session {posts}",
                inside=filed("category", f"topic-{posts % 200}", f"Topic {posts % 200}")
                + "".join(comment(number + each) for each in range(3)),
            ) + attachment(number + 5, f"f-{posts}.pdf", parent=number)
            written += pieces.count("\n")
            file.write(pieces)
        file.write(CLOSING)
    return posts


def watch(process: subprocess.Popen) -> dict[str, int]:
    """Return the peak of each kind of memory of a process, in KiB."""
    most = {"RssAnon": 0, "VmHWM": 0}
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        for line in status.splitlines():
            name, _, value = line.partition(":")
            if name in most:
                most[name] = max(most[name], int(value.split()[0]))
        time.sleep(0.2)
    return most


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--paragraphs", type=int, default=100, help="of each post")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--keep", type=Path, help="where to leave the database and the export")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        export = folder / "export.xml"
        posts = write_export(export, options.lines, options.paragraphs)
        size = export.stat().st_size / 1024 / 1024
        print(f"{posts} posts, {options.lines:,} lines, {size:.0f} MiB")
        env = os.environ | {"VAR_DIR": str(folder / "var"), "DEMO": "0"}
        env.pop("DATABASE_URL", None)
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "migrate", "-v0"], env=env, check=True)
        command = [*manage, "import_wordpress", str(export)]
        command += ["--dry-run"] if options.dry_run else []
        started = time.monotonic()
        process = subprocess.Popen(command, env=env)
        most = watch(process)
        seconds = time.monotonic() - started
    memory = ", ".join(f"{name} {kib / 1024:.0f} MiB" for name, kib in most.items())
    print(f"{seconds:.0f} s, {posts / seconds:.1f} posts/s; at most {memory}")
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
