"""Who may change a recording: editors and publishers announce it, access officers give access."""

from django.utils.translation import gettext, gettext_lazy

from site_app.permissions import PUBLISH_PERMISSION, register_protection

from .models import Recording, Transcript, TranscriptCue

DECIDE_ON_ACCESS_PERMISSION = "recordings_app.change_recording"
# The access that users who are not access officers may set: nobody can listen until an access
# officer acts.
ACCESS_OF_ANNOUNCED_RECORDINGS = (Recording.Access.ON_REQUEST, Recording.Access.CLOSED)
PUBLISHERS_ONLY_MESSAGE = gettext_lazy(
    "“%(record)s” is or was public: only a publisher or an access officer may change it."
)
OFFICERS_ONLY_MESSAGE = gettext_lazy(
    "“%(record)s” is or was public: only an access officer may change it."
)


def may_decide_on_access(user) -> bool:
    """Return whether `user` decides who may play a recording; None is a command."""
    return user is None or user.has_perm(DECIDE_ON_ACCESS_PERMISSION)


def accesses_allowed_to(user) -> list[Recording.Access]:
    """Return the values of access that `user` may give to a recording."""
    return (
        list(Recording.Access)
        if may_decide_on_access(user)
        else list(ACCESS_OF_ANNOUNCED_RECORDINGS)
    )


def _may_change_public_recording(user) -> bool:
    return user.has_perm(PUBLISH_PERMISSION) or may_decide_on_access(user)


def _access_refusal(user, recording) -> str:
    if recording.access in accesses_allowed_to(user):
        return ""
    if recording.pk:
        stored = Recording.objects.filter(pk=recording.pk).values_list("access", flat=True).first()
        if stored == recording.access:
            return ""
    label = Recording.Access(recording.access).label
    return gettext(
        "“%(access)s” is for an access officer to decide: choose on request or closed."
    ) % {"access": label}


register_protection(
    Recording,
    owner_field="session",
    may_change_public=_may_change_public_recording,
    refusal_message=PUBLISHERS_ONLY_MESSAGE,
    value_refusal=_access_refusal,
)
register_protection(
    Transcript,
    owner_field="recording",
    may_change_public=may_decide_on_access,
    refusal_message=OFFICERS_ONLY_MESSAGE,
)
register_protection(
    TranscriptCue,
    owner_field="transcript",
    may_change_public=may_decide_on_access,
    refusal_message=OFFICERS_ONLY_MESSAGE,
)
