"""History of sessions: each version is stored completely, and can be restored completely.

The rows are django-reversion's. It would restore single rows through the edit form; here the
session and its parts go back together, and what addresses are made of stays as it is.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

import reversion
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_noop
from reversion.models import Version

from sessions_app.models import Session

from .snapshots import PARTS, PREFETCH, SessionSnapshot, in_stored_order, plain_values, snapshot_of

reversion.register(Session, follow=list(PARTS))
for part in PARTS.values():
    reversion.register(part)

# Sessions per revision: few enough for the maximum number of query parameters.
BATCH = 200
_SESSION = re.compile(r'"session": (\d+)[,}]')


def versions(pk: int) -> QuerySet[Version]:
    """Return the versions of the session with this key, newest first; it may be deleted."""
    kept = Version.objects.get_for_object_reference(Session, pk)
    return kept.select_related("revision__user").order_by("-pk")


def record_version(pks: Iterable[int], *, user=None, comment: str) -> None:
    """Record the current state of these sessions; `user` is None for the archive itself.

    Call it after a change, in its transaction. The number of statements does not grow
    with the number of parts, nor with that of sessions up to 200.
    """
    pks = list(pks)
    for start in range(0, len(pks), BATCH):
        batch = Session.objects.filter(pk__in=pks[start : start + BATCH])
        with reversion.create_revision(manage_manually=True):
            # Speakers, because a version also stores the string form of an appearance.
            for session in batch.prefetch_related(*PREFETCH, "appearances__speaker"):
                reversion.add_to_revision(session)
            reversion.set_user(user)
            reversion.set_comment(comment)


def record_unrecorded(pks: Iterable[int]) -> None:
    """Record the current state of these sessions if the history lacks it, as after an import.

    Call it before a change, so that the earlier state is not lost. It takes a few statements for 200
    sessions, and two for each revision with their last recorded version.
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
        states = recorded_snapshots(newest.values())
        missing = [
            session.pk
            for session in Session.objects.filter(pk__in=batch).prefetch_related(*PREFETCH)
            if session.pk not in newest
            or states[newest[session.pk].pk].fingerprint() != snapshot_of(session).fingerprint()
        ]
        record_version(
            missing,
            comment=gettext_noop("Before the next change; changed by an import or a command."),
        )


def recorded_snapshot(version: Version) -> SessionSnapshot:
    """Return the state stored with this version of a session. Two queries.

    Raises reversion.errors.RevertError if the row cannot be read.
    """
    # A revision can contain many sessions; the serialised row shows which parts belong to this one.
    marked = Q(serialized_data__contains=f'"session": {int(version.object_id)},')
    return _snapshots([version], version.revision.version_set.filter(marked))[version.pk]


def recorded_snapshots(versions: Iterable[Version]) -> dict[int, SessionSnapshot]:
    """Return {key of a version: its state}; two queries per revision."""
    of_revision = defaultdict(list)
    for version in versions:
        of_revision[version.revision_id].append(version)
    states: dict[int, SessionSnapshot] = {}
    for revision, members in of_revision.items():
        if len(members) == 1:
            states[members[0].pk] = recorded_snapshot(members[0])
        else:
            states |= _snapshots(members, Version.objects.filter(revision=revision))
    return states


def _snapshots(versions: list[Version], rows: QuerySet[Version]) -> dict[int, SessionSnapshot]:
    """Return the states of sessions from their stored rows."""
    parts = {int(version.object_id): {name: [] for name in PARTS} for version in versions}
    names = {model: name for name, model in PARTS.items()}
    for row in rows.order_by("pk"):
        name = names.get(row._model)
        told = _SESSION.search(row.serialized_data) if name else None
        # Deserialising a row is slower than searching its text, and most rows may belong to other
        # sessions.
        if told and int(told[1]) in parts:
            values = row.field_dict
            parts[values["session_id"]][name].append(plain_values(values))
    return {
        version.pk: SessionSnapshot(
            values=plain_values(version.field_dict),
            parts={
                name: in_stored_order(of_kind)
                for name, of_kind in parts[int(version.object_id)].items()
            },
        )
        for version in versions
    }
