"""History of sessions: each change is kept as a whole, and can be restored as a whole.

The rows are django-reversion's. It would restore single rows through the edit form; here the
session and its parts go back together, and what addresses are made of stays as it is.
"""

from collections.abc import Iterable

import reversion
from django.db.models import Max, QuerySet
from reversion.models import Version

from .models import Session
from .states import PARTS, PREFETCH, State, in_order, plain, state_of

reversion.register(Session, follow=list(PARTS))
for part in PARTS.values():
    reversion.register(part)

# Sessions of one revision: few enough for the number of parameters a statement may have.
BATCH = 200


def versions(pk: int) -> QuerySet[Version]:
    """Return what is kept of the session with this key, newest first; it may be deleted."""
    kept = Version.objects.get_for_object_reference(Session, pk)
    return kept.select_related("revision__user").order_by("-pk")


def record(pks: Iterable[int], *, user=None, comment: str) -> None:
    """Keep the present state of these sessions; `user` None stands for the archive itself.

    Call it after a change, in its transaction. The number of statements does not grow
    with the number of parts, nor with that of sessions up to 200.
    """
    pks = list(pks)
    for start in range(0, len(pks), BATCH):
        batch = Session.objects.filter(pk__in=pks[start : start + BATCH])
        with reversion.create_revision(manage_manually=True):
            # Speakers, because a version keeps the words for an appearance, too.
            for session in batch.prefetch_related(*PREFETCH, "appearances__speaker"):
                reversion.add_to_revision(session)
            reversion.set_user(user)
            reversion.set_comment(comment)


def record_unrecorded(pks: Iterable[int]) -> None:
    """Keep the present state of these sessions where history does not have it, as after an import.

    Call it before a change: what was there is never lost. A few statements for 200 sessions, and
    two for each that history knows.
    """
    pks = list(pks)
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        kept = Version.objects.get_for_model(Session).filter(object_id__in=map(str, batch))
        last = kept.order_by().values("object_id").annotate(last=Max("pk")).values("last")
        newest = {
            int(version.object_id): version
            for version in Version.objects.filter(pk__in=list(last.values_list("last", flat=True)))
        }
        missing = [
            session.pk
            for session in Session.objects.filter(pk__in=batch).prefetch_related(*PREFETCH)
            if session.pk not in newest
            or recorded_state(newest[session.pk]).fingerprint() != state_of(session).fingerprint()
        ]
        record(missing, comment="Before the next change; changed by an import or a command.")


def recorded_state(version: Version) -> State:
    """Return the state kept with this version of a session. Two queries.

    Raises reversion.errors.RevertError if the row cannot be read.
    """
    pk = int(version.object_id)
    parts = {name: [] for name in PARTS}
    # A revision can hold many sessions; the text of the row tells the parts of this one.
    rows = version.revision.version_set.filter(serialized_data__contains=f'"session": {pk},')
    for row in rows.order_by("pk"):
        for name, model in PARTS.items():
            if row._model is model and (values := row.field_dict)["session_id"] == pk:
                parts[name].append(plain(values))
    parts = {name: in_order(of_kind) for name, of_kind in parts.items()}
    return State(values=plain(version.field_dict), parts=parts)
