"""Merge series into one, in one transaction; the others' addresses lead to it from then on."""

from desk_app.merging.commands import MergeCommand
from sessions_app.models import Series


class Command(MergeCommand):
    help = __doc__
    model = Series
