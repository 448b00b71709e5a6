"""Mails about reviews: to the requested reviewer, and to the editor who requested the review."""

from django.contrib.auth import get_user_model
from django.urls import reverse

from sessions_app.models import ReviewNote, Session, StatusChange
from site_app.mail.queue import queue_message
from site_app.mail.rendering import register_renderer, render_mail_template


def mail_reviewer(session: Session, reviewer, *, asked_by, note: ReviewNote | None) -> None:
    """Mail the reviewer; without a named one, the admin's first page lists the session."""
    if reviewer and reviewer.email and reviewer != asked_by:
        _queue_review_mail("review-asked", reviewer, session, asked_by, note)


def mail_requester_of_review(session: Session, *, sent_back_by, note: ReviewNote | None) -> None:
    """Notify the editor who last requested the review that the session was sent back."""
    asked = StatusChange.objects.filter(session=session, status=Session.Status.IN_REVIEW)
    last = asked.select_related("by").order_by("-at", "-pk").first()
    if last and last.by and last.by.email and last.by != sent_back_by:
        _queue_review_mail("review-sent-back", last.by, session, sent_back_by, note)


def _queue_review_mail(kind, person, session, user, note):
    queue_message(
        kind, person.email, session=session.pk, by=user.pk, note=note.pk if note else None
    )


def _render_review_mail(template, about):
    session = Session.objects.outside_bin().filter(pk=about["session"]).first()
    by = get_user_model().objects.filter(pk=about["by"]).first()
    if session is None or by is None:
        return None
    return render_mail_template(
        template,
        session=session,
        by=by,
        note=ReviewNote.objects.filter(pk=about["note"]).first(),
        address=reverse("admin:sessions_app_session_change", args=[session.pk]),
    )


@register_renderer("review-asked")
def render_review_request(about):
    return _render_review_mail("review_asked", about)


@register_renderer("review-sent-back")
def render_sent_back_mail(about):
    return _render_review_mail("review_sent_back", about)
