"""The editors' workplace for sessions and what they are grouped by."""

from . import bin, comments, entries, sessions

__all__ = ["bin", "comments", "entries", "sessions"]
