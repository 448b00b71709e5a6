"""Load a fictional demonstration archive of any size, or remove it."""

import sys

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from recordings_app.demo.recordings import add_demo_recordings, remove_demo_audio
from recordings_app.demo.requests import add_demo_requests, remove_demo_requests
from search_app.updating.record_changing_command import RecordChangingCommand
from sessions_app.catalogue.recurring import update_groups
from sessions_app.demo.demonstration import Demonstration
from sessions_app.demo.handwritten import session_paths
from sessions_app.demo.store import DemonstrationStore, remove_demonstration
from sessions_app.worklists.duplicate_people_check import find_all_duplicates
from site_app.sqlite_statistics import refresh_sqlite_statistics
from site_app.text.numbers import number_with_noun


class Command(RecordChangingCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--sessions",
            type=int,
            help="number of sessions (default: the hand-written ones); others are generated",
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="seed of the generator (default: 1)"
        )
        parser.add_argument("--remove", action="store_true", help="remove the demonstration")

    def handle(self, *args, sessions, seed, **options):
        if options["remove"]:
            remove_demo_requests()
            remove_demo_audio()
            self.stdout.write(f"{number_with_noun(remove_demonstration(), 'sessions')} removed")
            return
        sessions = len(session_paths()) if sessions is None else sessions
        if sessions < 1:
            raise CommandError("--sessions must be greater than 0.")
        with tqdm(total=sessions, unit=" sessions", disable=not sys.stderr.isatty()) as bar:
            store = DemonstrationStore(Demonstration(sessions, seed, timezone.localdate()))
            made = store.save_all(bar.update)
        add_demo_recordings(store.recordings)
        add_demo_requests()
        refresh_sqlite_statistics()
        update_groups()
        find_all_duplicates()
        self.stdout.write(f"{number_with_noun(made, 'sessions')} made")
