"""Recordings that are known to exist before anybody attached their audio."""

from sessions_app.models import Session

from .models import Recording


def add_placeholder(session: Session) -> None:
    """Note that there is a recording of `session` to ask for, unless one is known already."""
    if not session.recordings.exists():
        Recording.objects.create(session=session, access=Recording.Access.ON_REQUEST)


def remove_placeholders(session: Session) -> None:
    """Take back what was announced; audio, a transcript, and what somebody asked for, stays."""
    announced = session.recordings.filter(file="", requests=None, transcript=None)
    for recording in announced:
        recording.delete()
