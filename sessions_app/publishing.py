"""Who may publish, and publishing or withdrawing many sessions by the rule that saving follows."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q, QuerySet

from . import history
from .changes import record_sessions
from .models import Session

UNPUBLISHED = (Session.Status.DRAFT, Session.Status.IN_REVIEW)
WRITTEN = [
    "status", "published_at", "first_public_at", "summary", "summary_text", "updated_at",
    "changed_by", "binned_at", "binned_by", "status_before_bin",
]  # fmt: skip


def may_publish(user) -> bool:
    return user.has_perm("sessions_app.publish_session")


def may_edit(user, session: Session | None) -> bool:
    """Tell whether `user`, who may change sessions at all, may change this one (None: a new one).

    What is or was public changes by the hands of those who may publish, for whatever they save
    is public at once.
    """
    return session is None or session._stored_status in UNPUBLISHED or may_publish(user)


def publish(sessions: QuerySet[Session], *, user) -> list[Session]:
    """Publish those of `sessions` that are not; return them. One with a time ahead waits for it."""
    return change_status(
        sessions.outside_bin().filter(~Q(status=Session.Status.PUBLISHED)),
        _to(Session.Status.PUBLISHED),
        user=user,
        comment="Published from the list.",
    )


def withdraw(sessions: QuerySet[Session], *, user) -> list[Session]:
    """Withdraw those of `sessions` that are published; return them."""
    return change_status(
        sessions.filter(status=Session.Status.PUBLISHED),
        _to(Session.Status.WITHDRAWN),
        user=user,
        comment="Withdrawn from the list.",
    )


def _to(status: str) -> Callable[[Session], None]:
    def change(session):
        session.status = status

    return change


def change_status(
    sessions: QuerySet[Session], change: Callable[[Session], None], *, user, comment: str
) -> list[Session]:
    """Apply `change`, which sets the status, in batches; return the sessions.

    Each batch is a transaction with its history and its index entries.
    """
    keys = list(sessions.order_by("pk").values_list("pk", flat=True))
    changed = []
    for start in range(0, len(keys), history.BATCH):
        with transaction.atomic():
            # Asked again under the lock: another person may have been faster.
            chosen = sessions.filter(pk__in=keys[start : start + history.BATCH])
            batch = list(chosen.order_by("pk").select_for_update(of=("self",)))
            for session in batch:
                change(session)
                session.changed_by = user
                session.prepare()
            Session.objects.bulk_update(batch, WRITTEN)
            pks = [session.pk for session in batch]
            record_sessions(pks)
            history.record(pks, user=user, comment=comment)
        changed += batch
    return changed
