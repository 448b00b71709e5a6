"""Restore the database and files of a backup to an empty archive, and verify them.

Stop the web server, worker and tick first. Settings are not restored; settings.env in the backup
lists them without passwords and keys.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from preservation_app.backup.restoring import restore_backup
from preservation_app.command_reporting import folder_argument, show_progress_and_errors
from search_app import api


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=folder_argument, metavar="DIR")
        parser.add_argument(
            "--name", default="", help="the backup to restore (default: the newest)"
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="delete everything in this archive first",
        )
        parser.add_argument(
            "--identity",
            type=Path,
            metavar="FILE",
            help="the age key file that decrypts the backup",
        )

    def handle(self, *args, folder, name, replace, identity, **options):
        with show_progress_and_errors(folder) as progress:
            result = restore_backup(
                folder, name=name, identity=identity, replace=replace, progress=progress
            )
        self.stdout.write(
            f"Restored {result.name} and compared it: {result.table_count} tables, "
            f"{result.row_count} rows, {result.file_count} files are as in the backup."
        )
        if result.was_migrated:
            self.stdout.write("The database was then migrated to this release.")
        if result.unsaved_file_count:
            self.stdout.write(f"{result.unsaved_file_count} stored files were not in the backup.")
        if result.has_other_key:
            self.stdout.write(
                "SECRET_KEY differs from the one in use at the backup: links in older mails no longer work."
            )
        try:
            api.update_indexes_to_newest_change()
        except (OSError, ValueError, TimeoutError) as error:
            raise CommandError(
                f"The archive was restored, but the search index could not be updated: {error}. "
                "Make sure that INDEX_DIR can be written, and run rebuild_search_index."
            ) from error
