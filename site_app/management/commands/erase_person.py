"""Erase the personal data stored under an e-mail address."""

from django.core.management.base import CommandError
from django.db import transaction

from search_app.updating.record_changing_command import RecordChangingCommand
from site_app.personal_data import erase_person


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address, in upper or lower case")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="list what would be erased without erasing it",
        )

    def handle(self, *args, email, dry_run, **options):
        if "@" not in email:
            raise CommandError(f"“{email}” is not an e-mail address.")
        with transaction.atomic():
            erased = erase_person(email)
            transaction.set_rollback(dry_run)
        for name, count in erased.items():
            self.stdout.write(f"{name}: {count}{' (not erased)' if dry_run else ''}")
