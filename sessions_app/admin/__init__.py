"""The editors' workplace for sessions and what they are grouped by."""

from . import entries, sessions

__all__ = ["entries", "sessions"]
