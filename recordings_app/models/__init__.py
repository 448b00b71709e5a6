"""Recordings, transcripts, requests, grants and the access log."""

from .grants import AccessLog, Grant, Sitting
from .recordings import Recording
from .requests import (
    CONFIRM_LINK_PURPOSE,
    STATUS_LINK_PURPOSE,
    RecordingRequest,
    RequestedRecording,
    new_reference,
)
from .settings import RequestSettings
from .transcripts import Transcript, TranscriptCue
from .uploads import RecordingUpload

__all__ = [
    "CONFIRM_LINK_PURPOSE",
    "STATUS_LINK_PURPOSE",
    "AccessLog",
    "Grant",
    "Recording",
    "RecordingRequest",
    "RecordingUpload",
    "RequestSettings",
    "RequestedRecording",
    "Sitting",
    "Transcript",
    "TranscriptCue",
    "new_reference",
]
