"""Permission checks for recordings and transcripts, made at each access.

A missing recording and a forbidden one have the same response.
"""

from dataclasses import dataclass

from django.http import Http404

from recordings_app.models import Grant, Recording, Transcript
from recordings_app.models.grants import GRANT_LINK_PURPOSE
from sessions_app.visibility import mark_as_preview, visible_session
from site_app.forms.tokens import record_of_token


@dataclass(frozen=True)
class AccessibleParts:
    """What a visitor may access of a recording: its audio, its transcript, or both."""

    recording: Recording
    may_hear: bool
    transcript: Transcript | None
    is_preview: bool = False  # staff may listen to what readers may not
    reads_as_staff: bool = False  # the transcript is not public


def accessible_parts(request, slug: str, number: int) -> AccessibleParts:
    """Return what this visitor may access of a session's recording at its public address.

    Access officers hear everything that has audio. Raises Http404 where there is nothing to have,
    and WithdrawnError for a session that was public once.
    """
    session = visible_session(request, slug)
    recording = (
        Recording.objects.select_related("transcript").filter(session=session, number=number)
    ).first()
    if recording is None:
        raise Http404
    recording.session = session
    everyone_hears = Recording.objects.playable_by_anyone().filter(pk=recording.pk).exists()
    transcript = Transcript.objects.filter(recording=recording)
    public_transcript = transcript.public().first()
    if is_access_officer(request.user):
        if not everyone_hears:
            mark_as_preview(request)
        return AccessibleParts(
            recording,
            may_hear=bool(recording.file),
            transcript=transcript.first(),
            is_preview=not everyone_hears,
            reads_as_staff=public_transcript is None,
        )
    if not everyone_hears and public_transcript is None:
        raise Http404
    return AccessibleParts(recording, everyone_hears, public_transcript)


def is_access_officer(user) -> bool:
    """Return whether `user` manages recordings, and may therefore play closed ones."""
    return user.is_staff and user.has_perm("recordings_app.change_recording")


def grant_of_token(token: str) -> Grant:
    """Return the grant of this token, in force or not. Raises Http404 for an unknown token."""
    grants = Grant.objects.select_related("requested__recording__session__series")
    grant = record_of_token(token, GRANT_LINK_PURPOSE, grants)
    if grant is None:
        raise Http404
    return grant


def refusal_reason(grant: Grant) -> str:
    """Return why a grant opens nothing now: "revoked", "expired" or "unavailable"; "" if it does.

    Used-up plays are not a reason here, because the last sitting continues. Closing or sealing a
    recording, or withdrawing its session, ends every grant of it for as long.
    """
    recording = grant.requested.recording
    if grant.revoked_at:
        return "revoked"
    if grant.is_expired:
        return "expired"
    is_closed = recording.access == Recording.Access.CLOSED
    if is_closed or recording.is_sealed_now or not recording.file:
        return "unavailable"
    return "" if recording.session.is_public else "unavailable"
