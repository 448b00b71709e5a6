"""Write the personal data stored under an e-mail address as JSON."""

import json
import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from site_app.personal_data import export_person


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address, in upper or lower case")
        parser.add_argument(
            "--output", type=Path, help="write to this new file instead of the terminal"
        )

    def handle(self, *args, email, output, **options):
        if "@" not in email:
            raise CommandError(f"“{email}” is not an e-mail address.")
        held = export_person(email)
        answer = {"address": email, "exported_at": timezone.now(), "held": held}
        text = json.dumps(answer, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n"
        if output is None:
            self.stdout.write(text, ending="")
        else:
            try:
                # Readable only by its owner, and never overwriting an existing file.
                descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except OSError as error:
                raise CommandError(f"{output}: {error.strerror}") from error
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        for name, rows in held.items():
            self.stderr.write(f"{name}: {len(rows)}")
