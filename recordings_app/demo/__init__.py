"""Recordings of the demonstration archive."""
