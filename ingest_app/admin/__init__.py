"""Imports in the admin."""

from . import pages, runs, session_filters

__all__ = ["pages", "runs", "session_filters"]
