"""What the commands that merge have in common."""

from django.core.management.base import CommandError

from search_app.updating.record_changing_command import RecordChangingCommand
from site_app.redirects.addresses import current_slugs_of_old_slugs
from site_app.text.numbers import number_with_noun

from .merge import merge_records, preview_merge
from .row_moves import MergeError


class MergeCommand(RecordChangingCommand):
    """Merge records of `model`, named by slug; addresses of the others redirect."""

    model = None

    def add_arguments(self, parser):
        parser.add_argument("keep", metavar="KEEP", help="slug of the record to keep")
        parser.add_argument(
            "others", metavar="OTHER", nargs="+", help="slugs of the records to merge into it"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what would happen without changing anything",
        )

    def handle(self, *args, keep, others, dry_run, **options):
        keep = self.record_with_slug(keep)
        others = [self.record_with_slug(slug) for slug in dict.fromkeys(others)]
        try:
            outcome = (
                preview_merge(keep, others) if dry_run else merge_records(keep, others, user=None)
            )
        except MergeError as error:
            raise CommandError(str(error)) from error
        for told in outcome.moved:
            united = f", {told.united} merged with one already there" if told.united else ""
            self.stdout.write(f"{told.count} {told.label}{united}")
        for name in outcome.names:
            self.stdout.write(f"other name: {name}")
        for old, new in outcome.addresses:
            self.stdout.write(f"{old} → {new}")
        shown = ", ".join(number_with_noun(count, label) for label, count in outcome.shown.items())
        done = "would be merged" if dry_run else "merged"
        self.stdout.write(f"{len(others)} {done} into {outcome.kept}; {shown} changed")
        if outcome.record:
            self.stdout.write(f"undo it: manage.py undo_merge {outcome.record.pk}")

    def record_with_slug(self, slug):
        record = self.model._base_manager.filter(slug=slug).first()
        if record:
            return record
        name = self.model._meta.verbose_name
        prefix = self.model(slug="x").get_absolute_url().removesuffix("x/")
        if present := current_slugs_of_old_slugs(prefix, [slug]).get(slug):
            raise CommandError(f"{slug}: this {name} is {present} by now.")
        raise CommandError(f"{slug}: there is no {name} with this slug.")
