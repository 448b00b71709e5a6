"""Who may change a recording: editors and publishers announce it, access officers give access."""

from site_app.permissions import PUBLISH, protect

from .models import Recording, Transcript, TranscriptCue

DECIDE = "recordings_app.change_recording"
# What a recording may be without an access officer: nobody hears it before one of them acts.
ANNOUNCED = (Recording.Access.ON_REQUEST, Recording.Access.CLOSED)
WHO = "a publisher or an access officer"


def may_decide(user) -> bool:
    """Tell whether `user` decides who hears a recording; None is a command."""
    return user is None or user.has_perm(DECIDE)


def accesses_for(user) -> list[Recording.Access]:
    """Return the values of access that `user` may give to a recording."""
    return list(Recording.Access) if may_decide(user) else list(ANNOUNCED)


def _may_announce(user) -> bool:
    return user.has_perm(PUBLISH) or may_decide(user)


def _access_refusal(user, recording) -> str:
    if recording.access in accesses_for(user):
        return ""
    if recording.pk:
        stored = Recording.objects.filter(pk=recording.pk).values_list("access", flat=True).first()
        if stored == recording.access:
            return ""
    label = Recording.Access(recording.access).label
    return f"“{label}” is for an access officer to decide: choose on request or closed."


protect(Recording, owner="session", may=_may_announce, who=WHO, values=_access_refusal)
protect(Transcript, owner="recording", may=may_decide, who="an access officer")
protect(TranscriptCue, owner="transcript", may=may_decide, who="an access officer")
