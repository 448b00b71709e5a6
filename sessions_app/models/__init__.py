"""The archive's records. Each module holds one kind."""

from .comments import Comment
from .entries import Region, Series, Topic, TopicAlias
from .parts import Appearance, Document, Recommendation
from .recurrences import Recurrence, RecurrenceRun
from .sessions import BinnedSession, Session, Tombstone

__all__ = [
    "Appearance",
    "BinnedSession",
    "Comment",
    "Document",
    "Recommendation",
    "Recurrence",
    "RecurrenceRun",
    "Region",
    "Series",
    "Session",
    "Tombstone",
    "Topic",
    "TopicAlias",
]
