"""Deleting a session moves it to the bin, from which it can be restored or deleted permanently."""

from collections.abc import Iterable

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from reversion.models import Revision, Version

from sessions_app.models import Document, Session, Tombstone
from site_app.permissions import NotAllowedError, change_refusal, may_publish

from . import history
from .publishing import change_status_of_sessions, require_publisher


def reason_not_to_delete(user, session: Session) -> str:
    """Return why `user` may not put `session` into the bin; empty if they may.

    Publishers may with any, others with the drafts that they entered.
    """
    if said := change_refusal(user, session):
        return said
    if may_publish(user) or session.created_by_id == user.pk:
        return ""
    return gettext(
        "“%(session)s” was entered by somebody else: only a publisher may delete it."
    ) % {"session": session}


def put_into_bin(sessions: QuerySet[Session], *, user) -> list[Session]:
    """Move `sessions` to the bin; return those that were not in it.

    Raises NotAllowedError, having deleted none, where `user` may not delete one of them.
    """
    if not may_publish(user):
        for session in sessions.outside_bin():
            if said := reason_not_to_delete(user, session):
                raise NotAllowedError(said)

    def change(session):
        session.status_before_bin, session.status = session.status, Session.Status.BINNED
        session.binned_at, session.binned_by = timezone.now(), user

    return change_status_of_sessions(
        sessions.outside_bin(), change, user=user, comment=gettext_noop("Moved to the bin.")
    )


def restore_from_bin(sessions: QuerySet[Session], *, user) -> list[Session]:
    """Restore `sessions` with their previous status; published ones are public at once."""
    require_publisher(user)

    def change(session):
        session.status, session.status_before_bin = session.status_before_bin, ""
        session.binned_at = session.binned_by = None

    binned = Session.objects.filter(
        pk__in=sessions.order_by().values("pk"), status=Session.Status.BINNED
    )
    return change_status_of_sessions(
        binned, change, user=user, comment=gettext_noop("Restored from the bin.")
    )


def delete_permanently(sessions: Iterable[Session]) -> int:
    """Permanently delete sessions in the bin, with their history and files; return how many.

    The URL of one that was public continues to answer 410. Raises ProtectedError for a session whose
    recordings have audio, without deleting anything of it.
    """
    count = 0
    for session in sessions:
        with transaction.atomic():
            binned = Session.objects.select_for_update().filter(
                pk=session.pk, status=Session.Status.BINNED
            )
            if (binned_session := binned.first()) is None:
                continue
            files = _delete_history(binned_session.pk)
            files.update(binned_session.documents.exclude(file="").values_list("file", flat=True))
            if binned_session.first_public_at:
                Tombstone.objects.get_or_create(
                    slug=binned_session.slug,
                    defaults={"first_public_at": binned_session.first_public_at},
                )
            binned_session.delete()
            transaction.on_commit(lambda names=frozenset(files): _delete_unused_files(names))
            count += 1
    return count


def _delete_history(pk: int) -> set[str]:
    """Delete everything stored for a session and its parts; return the names of their files."""
    revisions = list(history.versions_of_session(pk).values_list("revision", flat=True))
    files = set()
    for start in range(0, len(revisions), history.SESSIONS_PER_REVISION):
        of_batch = revisions[start : start + history.SESSIONS_PER_REVISION]
        rows = Version.objects.filter(revision__in=of_batch)
        parts = rows.filter(serialized_data__contains=f'"session": {pk},')
        for row in parts.get_for_model(Document):
            files.add(str(row.field_dict["file"] or ""))
        parts.delete()
        rows.get_for_object_reference(Session, pk).delete()
        Revision.objects.filter(pk__in=of_batch, version=None).delete()
    return files - {""}


def _delete_unused_files(names: Iterable[str]) -> None:
    storage = storages["private"]
    for name in names:
        if not Document.objects.filter(file=name).exists():
            storage.delete(name)
