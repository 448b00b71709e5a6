"""Transcripts: read from files, written to files, stored."""
