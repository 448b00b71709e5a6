"""Merge speakers into one, in one transaction; the others' addresses lead to it from then on."""

from desk_app.merging.commands import MergeCommand
from speakers_app.models import Speaker


class Command(MergeCommand):
    help = __doc__
    model = Speaker
