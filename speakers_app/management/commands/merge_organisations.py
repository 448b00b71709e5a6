"""Merge organisations into one. The addresses of the others then lead to it."""

from desk_app.merging.commands import MergeCommand
from speakers_app.models import Organisation


class Command(MergeCommand):
    help = __doc__
    model = Organisation
