"""What comes in, in the admin."""

from . import pages, runs

__all__ = ["pages", "runs"]
