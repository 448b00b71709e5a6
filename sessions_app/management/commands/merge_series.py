"""Merge series into one. The addresses of the others then lead to it."""

from desk_app.merging.commands import MergeCommand
from sessions_app.models import Series


class Command(MergeCommand):
    help = __doc__
    model = Series
