"""Read a delivery report from standard input and mark its message in the mail queue."""

import sys

from django.core.management.base import BaseCommand, CommandError

from site_app.mail.bounces import NotADeliveryFailureReportError, mark_bounced_message

MAX_BYTES = 1024 * 1024  # a report quotes the message, and the archive's messages are short


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, **options):
        try:
            message = mark_bounced_message(sys.stdin.buffer.read(MAX_BYTES))
        except NotADeliveryFailureReportError as error:
            raise CommandError(str(error)) from error
        if message is None:
            raise CommandError("The report does not belong to a message of this archive.")
        self.stdout.write(f"{message.kind} {message.pk} came back")
