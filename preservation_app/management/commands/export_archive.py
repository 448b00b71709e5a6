"""Export sessions, people, organisations, files, transcripts, redirects and history.

Accounts, requests, grants, logs and alerts are not exported; they are in backups. The exit status
is 3 if the export was made but some stored files could not be read.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from preservation_app.backup.folder import BackupError
from preservation_app.exchange.exporting import FORMATS, export_archive
from preservation_app.progress import shown_progress

STATUS_INCOMPLETE = 3


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help="the folder to create")
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default=FORMATS[0],
            dest="form",
            help="a BagIt bag, or the same files without the bag (default: %(default)s)",
        )
        parser.add_argument(
            "--public", action="store_true", help="only what every visitor may see and play"
        )

    def handle(self, *args, folder, form, public, **options):
        try:
            with shown_progress() as progress:
                result = export_archive(folder, form=form, is_public=public, progress=progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or folder}: {error.strerror or error}."
            ) from error
        size = filesizeformat(result.byte_count).replace("\xa0", " ")
        self.stdout.write(
            f"{result.path}: {result.row_count} rows, {result.file_count} files ({size})"
        )
        for label, reason in sorted(result.unsaved.items()):
            self.stderr.write(f"{label}: {reason}")
        if result.unsaved:
            raise CommandError(
                f"The export was made, but {len(result.unsaved)} files could not be read.",
                returncode=STATUS_INCOMPLETE,
            )
