"""Export the public archive as files that can be read and searched offline.

In the folder of an earlier export only changed files are written again.
"""

import shutil
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from preservation_app.backup.folder import BackupError
from preservation_app.progress import shown_progress
from preservation_app.static_site.export import expected_size, export_static

STATUS_INCOMPLETE = 3


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args, folder, **options):
        size = expected_size()
        self.stdout.write(
            f"{size.session_count} sessions; about {_size(size.byte_count)}, "
            f"{_size(size.document_bytes)} of it documents and recordings"
        )
        try:
            present = folder.exists() and any(folder.iterdir())
            near = next(parent for parent in folder.absolute().parents if parent.exists())
            if not present and shutil.disk_usage(near).free < size.byte_count:
                raise CommandError(f"{folder}: not enough disk space.")
            with shown_progress() as progress:
                result = export_static(folder, progress=progress)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or folder}: {error.strerror or error}."
            ) from error
        self.stdout.write(
            f"{folder}: {result.session_count} sessions, {result.file_count} files, "
            f"{_size(result.byte_count)}; {result.changed} written, {result.removed} removed"
        )
        for label, reason in sorted(result.unsaved.items()):
            self.stderr.write(f"{label}: {reason}")
        if result.unsaved:
            raise CommandError(
                f"The export was made, but {len(result.unsaved)} files could not be read.",
                returncode=STATUS_INCOMPLETE,
            )


def _size(count):
    return filesizeformat(count).replace("\xa0", " ")
