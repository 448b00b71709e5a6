"""Check whether the links of documents still work; never request a private address.

A link is due if it was not checked for 30 days, was changed, or did not answer two days ago. Run
the command by hand or with a timer. A worklist shows dead links.
"""

import sys
from collections import Counter
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from sessions_app.editing.link_checks import (
    SECONDS_BETWEEN_REQUESTS_TO_HOST,
    Outcome,
    check_links,
    documents_due_for_link_check,
    throttled_request_function,
)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--all", action="store_true", help="check every link, even if it is not due"
        )
        parser.add_argument(
            "--limit", type=int, metavar="N", help="check at most N links, oldest first"
        )
        parser.add_argument(
            "--pause",
            type=float,
            default=SECONDS_BETWEEN_REQUESTS_TO_HOST,
            metavar="SECONDS",
            help="seconds between two requests to one host (default: 1)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="list due links without checking them"
        )

    def handle(self, *args, limit, pause, dry_run, **options):
        if pause < 0 or (limit is not None and limit < 1):
            raise CommandError("--pause must be 0 or more, --limit 1 or more.")
        documents = documents_due_for_link_check(everything=options["all"]).select_related(
            "session"
        )[:limit]
        if dry_run:
            hosts = Counter(urlsplit(document.url).hostname for document in documents)
            for host, count in hosts.most_common():
                self.stdout.write(f"{count} at {host}")
            self.stdout.write(f"{hosts.total()} due")
            return
        documents = list(documents)
        with tqdm(
            total=len(documents), unit=" links", disable=not sys.stderr.isatty()
        ) as progress:

            def told(result):
                progress.update()
                if result.outcome in (Outcome.DEAD, Outcome.REFUSED):
                    session = result.document.session
                    tqdm.write(
                        f"{result.outcome}: {result.url} ({result.detail}), in {session.slug}",
                        file=self.stdout,
                    )

            found = check_links(documents, throttled_request_function(pause), told)
        words = (f"{found[outcome]} {outcome.label.lower()}" for outcome in Outcome)
        self.stdout.write(", ".join(words))
