"""Review before publication: asking for it, sending a session back, notes, open reviews."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from sessions_app.models import ReviewNote, Session, StatusChange
from site_app.permissions import PUBLISH_PERMISSION, require_may_change

from .publishing import change_status_of_sessions, status_setter
from .review_mail import mail_requester_of_review, mail_reviewer

MAX_NOTE_LENGTH = 5000  # characters
Status = Session.Status


def reviewers() -> QuerySet:
    """Return the members of staff who may publish, and can therefore review."""
    users = get_user_model().objects.with_perm(PUBLISH_PERMISSION)
    return users.filter(is_staff=True).order_by("username")


@transaction.atomic
def ask_for_review(session: Session, *, user, reviewer=None, note: str = "") -> bool:
    """Pass a draft to `reviewer` (None: to all publishers); return False if it is not a draft.

    The note is stored in either case.
    """
    require_may_change(user, session)
    drafts = Session.objects.filter(pk=session.pk, status=Status.DRAFT)
    asked = change_status_of_sessions(
        drafts,
        status_setter(Status.IN_REVIEW),
        user=user,
        comment=gettext_noop("Asked for a review."),
    )
    if asked:
        Session.objects.filter(pk=session.pk).update(reviewer=reviewer)
    written = add_review_note(session, user=user, text=note)
    if asked:
        mail_reviewer(session, reviewer, asked_by=user, note=written)
    return bool(asked)


@transaction.atomic
def send_back_to_draft(session: Session, *, user, note: str) -> bool:
    """Make a session in review a draft again; return False if it is not in review.

    The note that says why is stored in either case.
    """
    require_may_change(user, session)
    reviewed = Session.objects.filter(pk=session.pk, status=Status.IN_REVIEW)
    back = change_status_of_sessions(
        reviewed,
        status_setter(Status.DRAFT),
        user=user,
        comment=gettext_noop("Sent back from review."),
    )
    written = add_review_note(session, user=user, text=note)
    if back:
        mail_requester_of_review(session, sent_back_by=user, note=written)
    return bool(back)


def add_review_note(session: Session, *, user, text: str) -> ReviewNote | None:
    """Store a note to the other members of staff; return None for an empty one."""
    if not (text := text.strip()):
        return None
    return ReviewNote.objects.create(session=session, author=user, text=text[:MAX_NOTE_LENGTH])


def resolve_review_note(note: ReviewNote, *, user) -> bool:
    """Mark a note as dealt with; return False if it was already."""
    return bool(
        ReviewNote.objects.filter(pk=note.pk, resolved_at=None).update(
            resolved_at=timezone.now(), resolved_by=user
        )
    )


def open_reviews_of_user(user) -> dict[str, tuple[str, QuerySet[Session]]]:
    """Return {key: (heading, sessions)} of the open reviews of this member of staff."""
    sessions = Session.objects.outside_bin()
    waiting = {}
    if user.has_perm(PUBLISH_PERMISSION):
        for_me = sessions.filter(Q(reviewer=None) | Q(reviewer=user), status=Status.IN_REVIEW)
        waiting["review"] = (gettext("Waiting for your review"), for_me)
    newest = StatusChange.objects.filter(session=OuterRef("pk")).order_by("-at", "-pk")
    asked = StatusChange.objects.filter(by=user, status=Status.IN_REVIEW).values("session")
    sent_back = sessions.filter(status=Status.DRAFT, pk__in=asked).annotate(
        newest_was=Subquery(newest.values("was")[:1]), newest_by=Subquery(newest.values("by")[:1])
    )
    waiting["back"] = (
        gettext("Sent back to you"),
        sent_back.filter(newest_was=Status.IN_REVIEW).exclude(newest_by=user.pk),
    )
    notes = ReviewNote.objects.filter(resolved_at=None).exclude(author=user).values("session")
    mine = Q(created_by=user) | Q(reviewer=user, status=Status.IN_REVIEW)
    waiting["notes"] = (gettext("With open notes to you"), sessions.filter(mine, pk__in=notes))
    waiting["drafts"] = (
        gettext("Your drafts"),
        sessions.filter(status=Status.DRAFT, created_by=user),
    )
    return waiting
