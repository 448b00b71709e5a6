"""The records of the archive, one kind per module."""

from .appearances import Appearance
from .bulk_files import BulkFile
from .comments import Comment
from .deletions import DeletedSession
from .documents import Document
from .link_checks import LinkCheck
from .recommendations import Recommendation
from .recurrences import Recurrence, RecurrenceBlock, RecurrenceRun
from .review import ReviewNote
from .sessions import BinnedSession, FormerImportRef, Session, StatusChange, Tombstone
from .taxonomy import Region, Series, Topic, TopicAlias

__all__ = [
    "Appearance",
    "BinnedSession",
    "BulkFile",
    "Comment",
    "DeletedSession",
    "Document",
    "FormerImportRef",
    "LinkCheck",
    "Recommendation",
    "Recurrence",
    "RecurrenceBlock",
    "RecurrenceRun",
    "Region",
    "ReviewNote",
    "Series",
    "Session",
    "StatusChange",
    "Tombstone",
    "Topic",
    "TopicAlias",
]
