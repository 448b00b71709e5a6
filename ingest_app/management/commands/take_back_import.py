"""Roll back an import. Records edited since are kept and listed."""

import sys

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from ingest_app.models import ImportRun
from ingest_app.runs.rollback import CannotRollBackError, begin_rollback, continue_rollback
from search_app.updating.record_changing_command import RecordChangingCommand


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("run", type=int, metavar="RUN", help="number of the import run")

    def handle(self, *args, run, **options):
        import_run = ImportRun.objects.filter(pk=run).first()
        if import_run is None:
            raise CommandError(f"Import run {run} does not exist.")
        if import_run.state != ImportRun.State.TAKING_BACK:
            try:
                begin_rollback(import_run, None)
            except CannotRollBackError as error:
                raise CommandError(str(error)) from error
        with tqdm(total=import_run.length, disable=not sys.stderr.isatty()) as bar:
            while not continue_rollback(import_run, seconds=1):
                import_run.refresh_from_db()
                bar.update(import_run.position - bar.n)
        ImportRun.objects.filter(pk=run).update(
            state=ImportRun.State.TAKEN_BACK, finished_at=timezone.now(), taken_at=None
        )
        kept = list(import_run.made.exclude(kept_because=""))
        for made in kept:
            self.stdout.write(f"kept: {made.model} {made.label}: {made.kept_because}")
        settled = import_run.made.filter(is_settled=True, kept_because="").count()
        self.stdout.write(f"{settled} rolled back, {len(kept)} kept")
