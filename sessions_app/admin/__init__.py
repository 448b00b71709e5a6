"""The admin's pages for sessions, topics, series and regions."""

from . import comments, readonly_lists, sessions, taxonomy, trash

__all__ = ["comments", "readonly_lists", "sessions", "taxonomy", "trash"]
