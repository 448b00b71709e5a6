"""Publishing the drafts of a run, such that a rollback still covers them."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from ingest_app.models import ImportRun
from sessions_app.editing.publishing import (
    UNPUBLISHED_STATUSES,
    change_status_of_sessions,
    require_publisher,
    status_setter,
)
from sessions_app.models import Session

from .provenance import record_fingerprint

MAX_PUBLISHED_PER_REQUEST = 500  # sessions per request


def unpublished_sessions_of_run(run: ImportRun) -> QuerySet[Session]:
    """Return the sessions that a run made and that were never published since."""
    made = run.made.filter(model=Session._meta.label_lower, is_new=True)
    sessions = Session.objects.filter(pk__in=made.values("key"), status__in=UNPUBLISHED_STATUSES)
    if run.kind == ImportRun.Kind.WORDPRESS:
        # Drafts of the old site stay drafts; the others have a publication date.
        sessions = sessions.exclude(published_at=None)
    return sessions


def publish_sessions_of_run(run: ImportRun, *, user) -> list[Session]:
    """Publish the drafts of a run, at most MAX_PUBLISHED_PER_REQUEST at a time; return the sessions.

    Raises NotAllowedError unless `user` may publish. What nobody edited since the import still
    counts as unedited when the run is taken back.
    """
    require_publisher(user)
    keys = list(
        unpublished_sessions_of_run(run)
        .order_by("pk")
        .values_list("pk", flat=True)[:MAX_PUBLISHED_PER_REQUEST]
    )
    published = []
    for key in keys:
        # One by one: the fingerprint is compared before and stored again after the change.
        with transaction.atomic():
            made = run.made.select_for_update().get(model=Session._meta.label_lower, key=key)
            session = Session.objects.select_for_update().filter(pk=key).first()
            is_unedited = session is not None and record_fingerprint(session) == made.fingerprint
            published += change_status_of_sessions(
                unpublished_sessions_of_run(run).filter(pk=key),
                status_setter(Session.Status.PUBLISHED),
                user=user,
                comment=gettext_noop("Published with the import that made it."),
            )
            if is_unedited:
                made.fingerprint = record_fingerprint(session)
                made.save(update_fields=["fingerprint"])
    return published
