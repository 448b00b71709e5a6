"""Merge speakers into one. The addresses of the others then lead to it."""

from desk_app.merging.commands import MergeCommand
from speakers_app.models import Speaker


class Command(MergeCommand):
    help = __doc__
    model = Speaker
