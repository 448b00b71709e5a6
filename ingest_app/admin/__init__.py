"""What comes in, in the admin."""

from . import pages

__all__ = ["pages"]
