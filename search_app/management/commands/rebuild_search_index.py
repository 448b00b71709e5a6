"""Build the search indexes from scratch, while readers keep searching."""

import sys

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search_app import api
from search_app.index.document_sources import document_sources


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        failed = []
        for kind, source in document_sources().items():
            total = sum(1 for _ in source.keys())  # noqa: SIM118 - a source is not a dict
            with tqdm(
                total=total, desc=kind, unit=" records", disable=not sys.stderr.isatty()
            ) as bar:
                try:
                    api.rebuild_index(kind, bar.update)
                except Exception as error:
                    failed.append(kind)
                    self.stderr.write(f"{kind}: {type(error).__name__}: {error}")
                    continue
            self.stdout.write(f"{kind}: {total} records")
        if failed:
            raise CommandError("Could not build: " + ", ".join(failed))
