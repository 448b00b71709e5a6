"""Hearing a recording: the one door to it, and the delivery of its audio."""
