"""Export sessions, people, organisations, files, transcripts, redirects and history.

Accounts, requests, grants, logs and alerts are not exported; they are in backups. The exit status
is 3 if the export was made but some stored files could not be read.
"""

from django.core.management.base import BaseCommand

from preservation_app.command_reporting import (
    folder_argument,
    report_unsaved_files,
    show_progress_and_errors,
    size_in_words,
)
from preservation_app.exchange.exporting import PACKAGE_FORMATS, export_archive


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "folder", type=folder_argument, metavar="DIR", help="the folder to create"
        )
        parser.add_argument(
            "--format",
            choices=PACKAGE_FORMATS,
            default=PACKAGE_FORMATS[0],
            dest="form",
            help="a BagIt bag, or the same files without the bag (default: %(default)s)",
        )
        parser.add_argument(
            "--public", action="store_true", help="only what every visitor may see and play"
        )

    def handle(self, *args, folder, form, public, **options):
        with show_progress_and_errors(folder) as progress:
            result = export_archive(folder, form=form, is_public=public, progress=progress)
        self.stdout.write(
            f"{result.path}: {result.row_count} rows, {result.file_count} files ({size_in_words(result.byte_count)})"
        )
        report_unsaved_files(self, result.unsaved, "export")
