"""Merge organisations into one, in one transaction; the others' addresses lead to it from then on."""

from desk_app.merging.commands import MergeCommand
from speakers_app.models import Organisation


class Command(MergeCommand):
    help = __doc__
    model = Organisation
