"""Base of commands that change public records: they update this machine's index before they end."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from search_app import api, change_log


class RecordChangingCommand(BaseCommand):
    """A command that updates the index at its end, even after a failure.

    On a terminal a progress bar shows the number of indexed records.
    """

    def execute(self, *args, **options):
        before = change_log.newest_position()
        try:
            output = super().execute(*args, **options)
        except CommandError:
            self.update_indexes(before)
            raise
        self.update_indexes(before)
        return output

    def update_indexes(self, before: change_log.Position) -> None:
        """Bring every index up to date if anything changed since `before`."""
        if change_log.newest_position() == before:
            return
        if settings.INDEX_DIR and connection.in_atomic_block:
            return  # the caller's changes are not committed, so no index may contain them
        with tqdm(desc="index", unit=" records", disable=not sys.stderr.isatty()) as bar:
            try:
                api.update_indexes_to_newest_change(bar.update)
            except (OSError, ValueError, TimeoutError) as error:
                raise CommandError(
                    f"The changes are saved, but the search index could not be updated: {error}. "
                    "Make sure that INDEX_DIR can be written, and run rebuild_search_index."
                ) from error
