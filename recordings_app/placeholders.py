"""Recordings that are known to exist before anybody attached their audio."""

from sessions_app.models import Session

from .models import Recording


def add_placeholder(session: Session) -> None:
    """Announce a recording of `session` that can be requested, unless there is one."""
    if not session.recordings.exists():
        Recording.objects.create(session=session, access=Recording.Access.ON_REQUEST)


def remove_placeholders(session: Session) -> None:
    """Remove announced recordings without audio, transcript or requests."""
    announced = session.recordings.filter(file="", requests=None, transcript=None)
    for recording in announced:
        recording.delete()
