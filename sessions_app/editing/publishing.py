"""Publishing and withdrawing many sessions by the same rules as saving one."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from sessions_app.indexing.change_signals import record_session_changes
from sessions_app.models import Session, StatusChange
from site_app.permissions import NotAllowedError, may_publish
from site_app.text.dates import moment_in_words

from . import history

UNPUBLISHED_STATUSES = (Session.Status.DRAFT, Session.Status.IN_REVIEW)
FIELDS_SAVED_WITH_STATUS = [
    "status",
    "published_at",
    "first_public_at",
    "summary",
    "summary_text",
    "updated_at",
    "entry_changed_at",
    "changed_by",
    "binned_at",
    "binned_by",
    "status_before_bin",
]


def require_publisher(user) -> None:
    """Raise NotAllowedError unless `user` may publish."""
    if not may_publish(user):
        raise NotAllowedError(gettext("Only a publisher may publish sessions or withdraw them."))


def status_in_words(session: Session) -> str:
    """Return the status for staff: "Draft", "Scheduled: public from 29 November 2026, 09:00"."""
    if is_scheduled(session):
        return gettext("Scheduled: public from %(moment_in_words)s") % {
            "moment_in_words": moment_in_words(session.published_at)
        }
    return session.get_status_display()


def is_scheduled(session: Session) -> bool:
    """Return whether a session is published with a time in the future."""
    return session.status == Session.Status.PUBLISHED and not session.is_public


def publish_sessions(
    sessions: QuerySet[Session], *, user, comment: str = gettext_noop("Published from the list.")
) -> list[Session]:
    """Publish those of `sessions` that are not; return them. One with a future time waits for it.

    `comment` says in the history of each how it was published.
    """
    require_publisher(user)
    return change_status_of_sessions(
        sessions.outside_bin().filter(~Q(status=Session.Status.PUBLISHED)),
        status_setter(Session.Status.PUBLISHED),
        user=user,
        comment=comment,
    )


def schedule_sessions(sessions: QuerySet[Session], at: datetime, *, user) -> list[Session]:
    """Schedule those of `sessions` that are not public yet for `at`; return them."""
    require_publisher(user)

    def change(session):
        session.status, session.published_at = Session.Status.PUBLISHED, at

    waiting = Q(status=Session.Status.PUBLISHED, published_at__gt=timezone.now())
    return change_status_of_sessions(
        sessions.filter(Q(status__in=UNPUBLISHED_STATUSES) | waiting),
        change,
        user=user,
        comment=gettext_noop("Given a time of publication from the list."),
    )


def withdraw_sessions(sessions: QuerySet[Session], *, user) -> list[Session]:
    """Withdraw those of `sessions` that are published; return them."""
    require_publisher(user)
    return change_status_of_sessions(
        sessions.filter(status=Session.Status.PUBLISHED),
        status_setter(Session.Status.WITHDRAWN),
        user=user,
        comment=gettext_noop("Withdrawn from the list."),
    )


def status_setter(status: str) -> Callable[[Session], None]:
    """Return a change for `change_status_of_sessions` that sets only a new status."""

    def change(session):
        session.status = status

    return change


def change_status_of_sessions(
    sessions: QuerySet[Session], change: Callable[[Session], None], *, user, comment: str
) -> list[Session]:
    """Apply `change`, which sets the status, in batches; return the sessions.

    Each batch is a transaction with its history and its index entries.
    """
    keys = list(sessions.order_by("pk").values_list("pk", flat=True))
    changed = []
    for start in range(0, len(keys), history.SESSIONS_PER_REVISION):
        with transaction.atomic():
            # Check again under the lock: somebody else may have published it.
            chosen = sessions.filter(pk__in=keys[start : start + history.SESSIONS_PER_REVISION])
            batch = list(chosen.order_by("pk").select_for_update(of=("self",)))
            for session in batch:
                change(session)
                session.changed_by = user
                session.prepare()
            Session.objects.bulk_update(batch, FIELDS_SAVED_WITH_STATUS)
            StatusChange.log(batch)
            pks = [session.pk for session in batch]
            record_session_changes(pks)
            history.record_current_state(pks, user=user, comment=comment)
        changed += batch
    return changed
