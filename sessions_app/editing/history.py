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

from .snapshots import (
    MODEL_BY_PART_NAME,
    PREFETCH_FOR_SNAPSHOT,
    SessionSnapshot,
    snapshot_of,
    sort_parts,
    values_as_history_stores,
)

reversion.register(Session, follow=list(MODEL_BY_PART_NAME))
for part in MODEL_BY_PART_NAME.values():
    reversion.register(part)

# Sessions per revision: few enough for the maximum number of query parameters.
SESSIONS_PER_REVISION = 200
_SESSION_KEY_IN_JSON = re.compile(r'"session": (\d+)[,}]')


def versions_of_session(pk: int) -> QuerySet[Version]:
    """Return the versions of the session with this key, newest first; it may be deleted."""
    kept = Version.objects.get_for_object_reference(Session, pk)
    return kept.select_related("revision__user").order_by("-pk")


def record_current_state(pks: Iterable[int], *, user=None, comment: str) -> None:
    """Record the current state of these sessions; `user` is None for the archive itself.

    Call it after a change, in its transaction. The number of statements does not grow
    with the number of parts, nor with that of sessions up to 200.
    """
    pks = list(pks)
    for start in range(0, len(pks), SESSIONS_PER_REVISION):
        batch = Session.objects.filter(pk__in=pks[start : start + SESSIONS_PER_REVISION])
        with reversion.create_revision(manage_manually=True):
            # Speakers, because a version also stores the string form of an appearance.
            for session in batch.prefetch_related(*PREFETCH_FOR_SNAPSHOT, "appearances__speaker"):
                reversion.add_to_revision(session)
            reversion.set_user(user)
            reversion.set_comment(comment)


def record_state_missing_in_history(pks: Iterable[int]) -> None:
    """Record the current state of these sessions if the history lacks it, as after an import.

    Call it before a change, so that the earlier state is not lost. It takes a few statements for 200
    sessions, and two for each revision with their last recorded version.
    """
    pks = list(pks)
    for start in range(0, len(pks), SESSIONS_PER_REVISION):
        batch = pks[start : start + SESSIONS_PER_REVISION]
        kept = Version.objects.get_for_model(Session).filter(object_id__in=map(str, batch))
        last = kept.order_by().values("object_id").annotate(last=Max("pk")).values("last")
        newest = {
            int(version.object_id): version
            for version in Version.objects.filter(pk__in=list(last.values_list("last", flat=True)))
        }
        states = snapshots_by_version(newest.values())
        missing = [
            session.pk
            for session in Session.objects.filter(pk__in=batch).prefetch_related(
                *PREFETCH_FOR_SNAPSHOT
            )
            if session.pk not in newest
            or states[newest[session.pk].pk].fingerprint() != snapshot_of(session).fingerprint()
        ]
        record_current_state(
            missing,
            comment=gettext_noop("Before the next change; changed by an import or a command."),
        )


def snapshot_of_version(version: Version) -> SessionSnapshot:
    """Return the state stored with this version of a session. Two queries.

    Raises reversion.errors.RevertError if the row cannot be read.
    """
    # A revision can contain many sessions; the serialised row shows which parts belong to this one.
    marked = Q(serialized_data__contains=f'"session": {int(version.object_id)},')
    return _build_snapshots([version], version.revision.version_set.filter(marked))[version.pk]


def snapshots_by_version(versions: Iterable[Version]) -> dict[int, SessionSnapshot]:
    """Return {key of a version: its state}; two queries per revision."""
    of_revision = defaultdict(list)
    for version in versions:
        of_revision[version.revision_id].append(version)
    states: dict[int, SessionSnapshot] = {}
    for revision, members in of_revision.items():
        if len(members) == 1:
            states[members[0].pk] = snapshot_of_version(members[0])
        else:
            states |= _build_snapshots(members, Version.objects.filter(revision=revision))
    return states


def _build_snapshots(
    versions: list[Version], rows: QuerySet[Version]
) -> dict[int, SessionSnapshot]:
    """Return the states of sessions from their stored rows."""
    parts = {
        int(version.object_id): {name: [] for name in MODEL_BY_PART_NAME} for version in versions
    }
    names = {model: name for name, model in MODEL_BY_PART_NAME.items()}
    for row in rows.order_by("pk"):
        name = names.get(row._model)
        told = _SESSION_KEY_IN_JSON.search(row.serialized_data) if name else None
        # Deserialising a row is slower than searching its text, and most rows may belong to other
        # sessions.
        if told and int(told[1]) in parts:
            values = row.field_dict
            parts[values["session_id"]][name].append(values_as_history_stores(values))
    return {
        version.pk: SessionSnapshot(
            values=values_as_history_stores(version.field_dict),
            parts={
                name: sort_parts(of_kind)
                for name, of_kind in parts[int(version.object_id)].items()
            },
        )
        for version in versions
    }
