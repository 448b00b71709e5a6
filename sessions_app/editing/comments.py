"""Readers' comments: who may write one, storing new ones, and moderating them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from search_app.batch_deletion import delete_batch
from search_app.change_log import record_changes
from sessions_app.models import Comment, Session
from site_app.mail.queue import queue_message
from site_app.mail.rendering import register_renderer, render_mail_template
from site_app.models import Commenting, SiteSettings
from site_app.permissions import NotAllowedError

from ..visibility import commenting_in_force

APPROVE_COMMENTS_PERMISSION = "sessions_app.change_comment"
RETENTION_OF_REJECTED_COMMENTS = timedelta(days=90)


@transaction.atomic
def submit_comment(
    *, session: Session, name: str, email: str, body: str, reply_to: Comment | None = None
) -> Comment:
    """Store a comment and notify the staff; it is not shown anywhere until they approve it."""
    comment = Comment.objects.create(
        session=session,
        name=name,
        email=email,
        body=body,
        reply_to=reply_to,
        status=Comment.Status.PENDING,
    )
    queue_message("comment-for-staff", SiteSettings.load().contact_email, comment=comment.pk)
    return comment


@register_renderer("comment-for-staff")
def comment_staff_mail(about):
    comment = Comment.objects.filter(pk=about["comment"]).select_related("session").first()
    if comment is None or comment.status != Comment.Status.PENDING:
        return None
    return render_mail_template("comment_for_staff", comment=comment)


def approved_comments_with_answered(session: Session, site: SiteSettings) -> list[Comment]:
    """Return the approved comments of a session in their order.

    `answers` of each is the comment it answers, None where that is not among them.
    """
    if commenting_in_force(session, site) == Commenting.OFF:
        return []
    approved = session.comments.filter(status=Comment.Status.APPROVED)
    shown = {comment.pk: comment for comment in approved.defer("email")}
    for comment in shown.values():
        comment.answers = shown.get(comment.reply_to_id)
    return list(shown.values())


def purge_old_rejected_comments(now: datetime | None = None) -> int:
    """Delete comments that were rejected 90 days ago, with their addresses; return how many."""
    old = Comment.objects.filter(
        status=Comment.Status.REJECTED,
        decided_at__lt=(now or timezone.now()) - RETENTION_OF_REJECTED_COMMENTS,
    )
    return delete_batch(old)


@transaction.atomic
def approve_or_reject_comments(comments: QuerySet[Comment], status: str, *, user) -> int:
    """Approve or reject those of `comments` that have another status; return how many."""
    if user is not None and not user.has_perm(APPROVE_COMMENTS_PERMISSION):
        raise NotAllowedError(
            gettext("Only a person who may approve comments may decide on them.")
        )
    changing = comments.filter(~Q(status=status)).order_by("pk").select_for_update(of=("self",))
    was = dict(changing.values_list("pk", "status"))
    Comment.objects.filter(pk__in=was).update(
        status=status, decided_at=timezone.now(), decided_by=user
    )
    shown = Comment.Status.APPROVED
    record_changes("comment", [pk for pk, before in was.items() if shown in (before, status)])
    return len(was)
