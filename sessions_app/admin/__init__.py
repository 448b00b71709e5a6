"""The editors' workplace for sessions and what they are grouped by."""

from . import comments, entries, sessions

__all__ = ["comments", "entries", "sessions"]
