"""Playback: the permission check for recordings, and streaming of their audio."""
