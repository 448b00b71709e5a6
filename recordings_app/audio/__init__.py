"""Incoming audio: upload, detection of the format by content, description."""
