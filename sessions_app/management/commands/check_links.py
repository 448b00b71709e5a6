"""Ask whether the links of documents still answer: politely, and never a private address.

Those not asked for 30 days, changed, or without an answer two days ago are due. Run it by hand or
by a timer, or leave it off; a worklist shows the dead ones.
"""

import sys
from collections import Counter
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from sessions_app.editing.link_checks import PAUSE, Outcome, asking, check_links, links_due


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="every link, due or not")
        parser.add_argument("--limit", type=int, metavar="N", help="at most so many, oldest first")
        parser.add_argument(
            "--pause",
            type=float,
            default=PAUSE,
            metavar="SECONDS",
            help="between two requests to one host (1)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what is due; ask and store nothing"
        )

    def handle(self, *args, limit, pause, dry_run, **options):
        if pause < 0 or (limit is not None and limit < 1):
            raise CommandError("--pause is zero or more, --limit one or more.")
        documents = links_due(everything=options["all"]).select_related("session")[:limit]
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

            found = check_links(documents, asking(pause), told)
        words = (f"{found[outcome]} {outcome.label.lower()}" for outcome in Outcome)
        self.stdout.write(", ".join(words))
