"""The editors' workplace for sessions and what they are grouped by."""

from . import bin, comments, entries, part_lists, sessions

__all__ = ["bin", "comments", "entries", "part_lists", "sessions"]
