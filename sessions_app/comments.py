"""Readers' comments: who may write one now, taking one in, and deciding on many."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from search_app.changes import record
from site_app.models import Commenting, SiteSettings

from .models import Comment, Session


def commenting_on(session: Session, site: SiteSettings) -> str:
    """Return the Commenting in force for a session: the stricter of its own and the site's."""
    strictness = list(Commenting)
    return max((session.commenting, site.commenting), key=lambda each: strictness.index(each))


@transaction.atomic
def submit_comment(*, session: Session, name: str, email: str, body: str) -> Comment:
    """Store what a reader wrote; it waits for staff and is shown nowhere before."""
    return Comment.objects.create(
        session=session, name=name, email=email, body=body, status=Comment.Status.PENDING
    )


@transaction.atomic
def decide(comments: QuerySet[Comment], status: str, *, user) -> int:
    """Approve or reject those of `comments` that have another status; return how many."""
    changing = comments.filter(~Q(status=status)).order_by("pk").select_for_update(of=("self",))
    was = dict(changing.values_list("pk", "status"))
    Comment.objects.filter(pk__in=was).update(
        status=status, decided_at=timezone.now(), decided_by=user
    )
    shown = Comment.Status.APPROVED
    record("comment", [pk for pk, before in was.items() if shown in (before, status)])
    return len(was)
