"""All work that is due, once: mail, scheduled publication, retention, the search index."""

from django.core.management.base import BaseCommand, CommandError

from sma_archive import tick


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args, verbosity, **options):
        done = tick.run()
        failed = [name for name, result in done.items() if isinstance(result, Exception)]
        for name, result in done.items():
            if result and name not in failed:
                self.stdout.write(f"{name}: {result}")
        if failed:
            raise CommandError("Failed: " + ", ".join(failed))
