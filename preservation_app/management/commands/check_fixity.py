"""Check that every stored file exists, has its SHA-256 and belongs to a record.

Lists problems and exits with status 1 if there are any. The tick does the same in the background,
with each file once in 30 days.
"""

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Sum

from preservation_app import fixity
from preservation_app.progress import show_progress_bars
from site_app.text.numbers import number_with_noun


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        try:
            fixity.update_file_list()
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror or error}.") from error
        with show_progress_bars() as progress:
            total = fixity.files_to_check().aggregate(total=Sum("byte_count"))["total"] or 0
            progress.step("files", total, "B")
            count = fixity.check_all_files(progress.done)
        wrong = list(fixity.problem_files())
        for check in wrong:
            said = ". ".join(filter(None, (check.get_outcome_display(), check.detail)))
            owner = f" ({check.owner})" if check.owner else ""
            self.stderr.write(f"{check}{owner}: {said}")
        self.stdout.write(
            f"{number_with_noun(count, 'files')} read; {number_with_noun(len(wrong), 'problems')}"
        )
        if wrong:
            raise CommandError(
                f"Found problems in {number_with_noun(len(wrong), 'stored files')}."
            )
