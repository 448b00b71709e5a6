"""Export the public archive as files that can be read and searched offline.

In the folder of an earlier export only changed files are written again.
"""

import shutil

from django.core.management.base import BaseCommand, CommandError

from preservation_app.command_reporting import (
    folder_argument,
    report_unsaved_files,
    show_progress_and_errors,
    size_in_words,
)
from preservation_app.static_site.export import expected_size, export_static


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=folder_argument, metavar="DIR")

    def handle(self, *args, folder, **options):
        expected = expected_size()
        self.stdout.write(
            f"{expected.session_count} sessions; about {size_in_words(expected.byte_count)}, "
            f"{size_in_words(expected.document_bytes)} of it documents and recordings"
        )
        with show_progress_and_errors(folder) as progress:
            present = folder.exists() and any(folder.iterdir())
            near = next(parent for parent in folder.absolute().parents if parent.exists())
            if not present and shutil.disk_usage(near).free < expected.byte_count:
                raise CommandError(f"{folder}: not enough disk space.")
            result = export_static(folder, progress=progress)
        self.stdout.write(
            f"{folder}: {result.session_count} sessions, {result.file_count} files, "
            f"{size_in_words(result.byte_count)}; {result.changed} written, {result.removed} removed"
        )
        report_unsaved_files(self, result.unsaved, "export")
