"""The folder of a static site: unchanged files are kept, obsolete ones removed."""

import json
import os
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from preservation_app.backup.folder import BackupError
from preservation_app.stored_files import read_blocks, sync_folder

# Says what the folder contains and whether it is complete.
MARKER_FILE_NAME = "archive-static.json"
FRONT_PAGE = "index.html"  # written last
UNFINISHED_SUFFIX = ".writing"


class StaticFolder:
    def __init__(self, path: Path):
        self.path = path
        self.sizes: dict[str, int] = {}  # of every file of the copy, by name
        self.changed: set[str] = set()  # names of those that were not there as they are now
        self._earlier_front: bytes | None = None

    def prepare(self) -> None:
        """Open the folder, or continue an earlier export. Raises BackupError."""
        if self.path.exists() and not self.path.is_dir():
            raise BackupError(f"{self.path} is a file; give the name of a folder.")
        if (
            self.path.is_dir()
            and any(self.path.iterdir())
            and not (self.path / MARKER_FILE_NAME).exists()
        ):
            raise BackupError(
                f"{self.path} has files that are not of a static archive; give a new folder."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        self.write(MARKER_FILE_NAME, _marker_content(False))
        front = self.path / FRONT_PAGE
        if front.is_file():
            self._earlier_front = front.read_bytes()
            front.unlink()

    def write(self, name: str, content: bytes) -> None:
        """Write a file unless it exists with this content."""
        self.copy(name, BytesIO(content), len(content))

    def copy(self, name: str, source: BinaryIO, size: int) -> None:
        """Write a file of this size in blocks, unless it exists with this content."""
        path = self.path / name
        self.sizes[name] = size
        if path.is_file() and path.stat().st_size == size:
            with path.open("rb") as present:
                if all(present.read(len(block)) == block for block in read_blocks(source)):
                    return
            source.seek(0)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + UNFINISHED_SUFFIX)
        with unfinished.open("wb") as file:
            for block in read_blocks(source):
                file.write(block)
        unfinished.replace(path)
        self.changed.add(name)

    def finish(self, front: bytes) -> int:
        """Remove obsolete files, write the first page; return how many files were removed."""
        removed = 0
        self.sizes[FRONT_PAGE] = len(front)
        for path in sorted(self.path.rglob("*"), reverse=True):
            name = path.relative_to(self.path).as_posix()
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif name not in self.sizes:
                path.unlink()
                removed += 1
        self.write(FRONT_PAGE, front)
        os.sync()  # once for all files, before the marker says that the folder is complete
        self.write(MARKER_FILE_NAME, _marker_content(True))
        # Both are written again in every run, so that an interrupted one never looks complete.
        self.changed.discard(MARKER_FILE_NAME)
        if front == self._earlier_front:
            self.changed.discard(FRONT_PAGE)
        sync_folder(self.path)
        return removed


def _marker_content(is_complete: bool) -> bytes:
    note = {"what": "Static copy of a speaker series archive", "is_complete": is_complete}
    return json.dumps(note, indent=1).encode() + b"\n"
