"""Import an export of export_archive into an archive without sessions, and verify it."""

from preservation_app.command_reporting import folder_argument, show_progress_and_errors
from preservation_app.exchange.importing import import_archive
from search_app.updating.record_changing_command import RecordChangingCommand
from site_app.sqlite_statistics import refresh_sqlite_statistics


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=folder_argument, metavar="DIR")

    def handle(self, *args, folder, **options):
        with show_progress_and_errors(folder) as progress:
            result = import_archive(folder, progress=progress)
        refresh_sqlite_statistics()
        self.stdout.write(
            f"Imported and compared: {result.row_count} rows, {result.file_count} files are as in "
            "the export."
        )
