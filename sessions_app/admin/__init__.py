"""The admin's pages for sessions and what they are grouped by."""

from . import comments, readonly_lists, sessions, taxonomy, trash

__all__ = ["comments", "readonly_lists", "sessions", "taxonomy", "trash"]
