"""Back up the database, files and settings to a folder while the site is running.

The folder can contain many backups; an unchanged file is stored once for all of them. The exit status
is 3 if the backup was made but some stored files could not be read.
"""

from argparse import ArgumentTypeError

from django.core.management.base import BaseCommand

from preservation_app.backup.encryption import Cipher
from preservation_app.backup.writing import make_backup
from preservation_app.command_reporting import (
    folder_argument,
    report_unsaved_files,
    show_progress_and_errors,
    size_in_words,
)
from site_app.text.numbers import parse_whole_number


def parse_backup_count(text: str) -> int:
    count = parse_whole_number(text)
    if count is None:
        raise ArgumentTypeError(f"“{text}” is not a number of 1 or more")
    return count


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=folder_argument, metavar="DIR")
        parser.add_argument(
            "--encrypt-to",
            action="append",
            default=[],
            metavar="KEY",
            help="encrypt with age (keys age1… or ssh-…) or GnuPG (other keys); repeatable",
        )
        parser.add_argument(
            "--keep",
            type=parse_backup_count,
            metavar="N",
            help="remove all but the newest N backups",
        )

    def handle(self, *args, folder, encrypt_to, keep, **options):
        with show_progress_and_errors(folder) as progress:
            result = make_backup(
                folder, cipher=Cipher.for_recipients(encrypt_to), keep=keep, progress=progress
            )
        self.stdout.write(
            f"{result.path}: {result.row_count} rows, {result.file_count} files "
            f"({size_in_words(result.byte_count)})"
        )
        for name in result.removed:
            self.stdout.write(f"Removed the older backup {name}.")
        report_unsaved_files(self, result.unsaved, "backup")
