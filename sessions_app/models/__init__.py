"""The archive's records. Each module holds one kind."""

from .entries import Region, Series, Topic, TopicAlias
from .parts import Appearance, Document, Recommendation
from .recurrences import Recurrence, RecurrenceRun
from .sessions import Session

__all__ = [
    "Appearance",
    "Document",
    "Recommendation",
    "Recurrence",
    "RecurrenceRun",
    "Region",
    "Series",
    "Session",
    "Topic",
    "TopicAlias",
]
