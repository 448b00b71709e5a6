"""Import an export of export_archive into an archive without sessions, and verify it."""

from pathlib import Path

from django.core.management.base import CommandError
from django.db import DatabaseError

from preservation_app.backup.folder import BackupError
from preservation_app.exchange.importing import import_archive
from preservation_app.progress import shown_progress
from preservation_app.tables import LoadError
from search_app.commands import IndexUpdatingCommand
from site_app.sqlite_analyze import refresh_statistics


class Command(IndexUpdatingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args, folder, **options):
        try:
            with shown_progress() as progress:
                result = import_archive(folder, progress=progress)
        except (BackupError, LoadError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or folder}: {error.strerror or error}."
            ) from error
        except DatabaseError as error:
            raise CommandError(f"The database refused the data: {error}".rstrip()) from error
        refresh_statistics()
        self.stdout.write(
            f"Imported and compared: {result.row_count} rows, {result.file_count} files are as in "
            "the export."
        )
