"""What the commands that write and read folders share: refusals, and files that were left out."""

from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat

from .backup.encryption import EncryptionError
from .backup.folder import BackupError
from .progress import show_progress_bars
from .tables import LoadError

INCOMPLETE_EXIT_STATUS = 3


def folder_argument(text: str) -> Path:
    """Return the folder that an argument names; without a name it would be the current one."""
    if not text:
        raise ArgumentTypeError("give the name of a folder")
    return Path(text)


@contextmanager
def show_progress_and_errors(folder: Path) -> Iterator:
    """Show progress, and report what goes wrong with `folder` as an error of the command."""
    try:
        with show_progress_bars() as progress:
            yield progress
    except (BackupError, EncryptionError, LoadError) as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: {error.strerror or error}.") from error
    except DatabaseError as error:
        raise CommandError(f"The database refused the data: {error}".rstrip()) from error


def report_unsaved_files(command: BaseCommand, unsaved: Mapping[str, str], what: str) -> None:
    """Name the files that could not be put into `what`, {label: reason}; fail if there are any."""
    for label, reason in sorted(unsaved.items()):
        command.stderr.write(f"{label}: {reason}")
    if unsaved:
        raise CommandError(
            f"The {what} was made, but {len(unsaved)} stored files could not be read.",
            returncode=INCOMPLETE_EXIT_STATUS,
        )


def size_in_words(byte_count: int) -> str:
    return filesizeformat(byte_count).replace("\xa0", " ")
