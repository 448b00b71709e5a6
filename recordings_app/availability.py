"""Which recordings and transcripts sessions offer, as stored for lists, index and API.

`Session.has_recording` and `Session.has_transcript` follow from the recordings by the rules of
`querysets`; they are written here and nowhere else.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from sessions_app.indexing.change_signals import touch_sessions
from sessions_app.models import Session

from .models import Recording, Transcript
from .placeholders import add_placeholder
from .querysets import offered_condition, unsealed_condition

SESSIONS_PER_BATCH = 500


def refresh_availability(session_ids: Iterable[int]) -> None:
    """Update both fields of these sessions; called after bulk statements, which bypass signals."""
    session_ids = list(session_ids)
    for start in range(0, len(session_ids), SESSIONS_PER_BATCH):
        batch = Session.objects.filter(pk__in=session_ids[start : start + SESSIONS_PER_BATCH])
        heard = Recording.objects.filter(offered_condition(), session=OuterRef("pk"))
        read = Transcript.objects.filter(
            unsealed_condition("recording__"), recording__session=OuterRef("pk"), access="public"
        )
        batch.update(has_recording=Exists(heard), has_transcript=Exists(read))


@transaction.atomic
def refresh_and_record_changes(session_ids: Iterable[int]) -> None:
    """Do `refresh_availability`, and mark the sessions as changed, because their pages have."""
    session_ids = list(session_ids)
    refresh_availability(session_ids)
    touch_sessions(session_ids)


def end_seals() -> int:
    """Update the index for recordings whose seal has ended; return how many."""
    ended = Recording.objects.filter(is_sealed=True, sealed_until__lte=timezone.localdate())
    return _store_seal_states(ended, is_sealed=False)


def restore_premature_seals() -> int:
    """Update the index for recordings whose seal a wrong clock ended; return how many."""
    ahead = Recording.objects.filter(is_sealed=False, sealed_until__gt=timezone.localdate())
    return _store_seal_states(ahead, is_sealed=True)


def _store_seal_states(recordings, *, is_sealed):
    if not recordings.exists():  # runs every two seconds: it must not lock without need
        return 0
    with transaction.atomic():
        locked = recordings.select_for_update().order_by()
        sessions_of = dict(locked.values_list("pk", "session_id"))
        Recording.objects.filter(pk__in=sessions_of).update(is_sealed=is_sealed)
        refresh_and_record_changes(set(sessions_of.values()))
    return len(sessions_of)


@receiver(post_save, sender=Recording)
@receiver(post_delete, sender=Recording)
def refresh_session_of_recording(instance, origin=None, **kwargs):
    # A session that is being deleted needs no update.
    if getattr(origin, "model", type(origin)) is not Session:
        refresh_and_record_changes([instance.session_id])


@receiver(post_save, sender=Transcript)
@receiver(post_delete, sender=Transcript)
def refresh_session_of_transcript(instance, **kwargs):
    session_ids = Recording.objects.filter(pk=instance.recording_id).values_list("session_id")
    refresh_and_record_changes([pk for (pk,) in session_ids])


@receiver(post_save, sender=Session)
def add_placeholder_to_restored_session(instance, created, **kwargs):
    """Give a restored session that offered a recording its placeholder again."""
    if created and instance.has_recording:
        add_placeholder(instance)
