"""Undo a merge or split by its number. It is refused if later edits make it impossible."""

from django.core.management.base import CommandError

from desk_app.merging.undo import UndoRefusedError, reasons_against_undo, undo_merge
from desk_app.models import MergeRecord
from search_app.updating.record_changing_command import RecordChangingCommand


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "number", type=int, help="the number printed by the merge, or the one in its address"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only check whether it is possible"
        )

    def handle(self, *args, number, dry_run, **options):
        record = MergeRecord.objects.filter(pk=number).first()
        if record is None:
            raise CommandError(f"{number}: there is no merge or split with this number.")
        try:
            remarks = [] if dry_run else undo_merge(record, user=None)
            reasons = reasons_against_undo(record) if dry_run else []
        except UndoRefusedError as refused:
            reasons = refused.reasons
        if reasons:
            raise CommandError("\n".join(["It cannot be undone:", *reasons]))
        for remark in remarks:
            self.stdout.write(remark)
        self.stdout.write(f"{'Can be undone' if dry_run else 'Undone'}: {record}")
