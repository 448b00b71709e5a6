"""Below a session in the admin: its way to publication, notes of staff to each other, buttons."""

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy, gettext_noop, override

from sessions_app.editing import review
from sessions_app.editing.publishing import (
    UNPUBLISHED_STATUSES,
    is_scheduled,
    publish_sessions,
    require_publisher,
    status_in_words,
)
from site_app.permissions import (
    NotAllowedError,
    RightMissingError,
    change_refusal,
    may_change,
    may_publish,
)
from site_app.text.numbers import parse_whole_number

from ..models import ReviewNote, Session

CHANGE_SESSION_PERMISSION = "sessions_app.change_session"


class ReviewPanelMixin:
    """Mixin of the session's admin: shows the review panel, and processes its form."""

    def get_urls(self):
        own = path(
            "<int:object_id>/review/",
            self.admin_site.admin_view(self.review_view),
            name="sessions_app_session_review",
        )
        return [own, *super().get_urls()]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj and obj.pk:
            context |= self.review_context(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def review_context(self, request, session):
        # A form shown again with errors has already changed the instance.
        stored = Session.objects.get(pk=session.pk) if request.method == "POST" else session
        status = session._stored_status
        edits = request.user.has_perm(CHANGE_SESSION_PERMISSION) and may_change(
            request.user, session
        )
        asks = edits and status == Session.Status.DRAFT
        return {
            "review_status": status_in_words(stored),
            "status_changes": session.status_changes.select_related("by"),
            "review_notes": session.review_notes.select_related("author", "resolved_by"),
            "writes_notes": request.user.has_perm(CHANGE_SESSION_PERMISSION),
            "asks_for_review": asks,
            "reviewers": review.reviewers() if asks else (),
            "sends_back": edits and status == Session.Status.IN_REVIEW,
            "publishes": edits and may_publish(request.user) and status in UNPUBLISHED_STATUSES,
        }

    def review_view(self, request, object_id):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        session = self.get_queryset(request).filter(pk=object_id).first()
        if session is None:
            raise Http404
        if not request.user.has_perm(CHANGE_SESSION_PERMISSION):
            raise RightMissingError(CHANGE_SESSION_PERMISSION)
        text = request.POST.get("note", "").replace("\x00", "").strip()
        if len(text) > review.MAX_NOTE_LENGTH:
            said = gettext(
                "A note can have at most %(max_note_length)s characters. Nothing was changed."
            ) % {"max_note_length": review.MAX_NOTE_LENGTH}
            self.message_user(request, said, messages.ERROR)
        elif number := request.POST.get("resolve", ""):
            self._resolve_note(request, session, number)
        else:
            self._take_review_step(request, session, request.POST.get("do"), text)
        page = reverse(f"{self.admin_site.name}:sessions_app_session_change", args=[session.pk])
        return redirect(f"{page}#review")

    def _resolve_note(self, request, session, number):
        notes = ReviewNote.objects.filter(session=session)
        note = notes.filter(pk=parse_whole_number(number)).first()
        if note is None:
            raise Http404
        review.resolve_review_note(note, user=request.user)

    def _take_review_step(self, request, session, step, text):
        if step == "note":
            if review.add_review_note(session, user=request.user, text=text):
                self.message_user(request, gettext("The note has been saved."), messages.SUCCESS)
            return
        if said := change_refusal(request.user, session):
            raise NotAllowedError(said)
        if step == "publish":
            require_publisher(request.user)
        if step == "back" and not text:
            said = gettext("Write a note that says what is missing, then send it back.")
            self.message_user(request, said, messages.ERROR)
            return
        if done := self._message_of_step(request, session, step, text):
            with override(settings.LANGUAGE_CODE):  # stored text is always in one language
                LogEntry.objects.log_actions(
                    request.user.pk, [session], CHANGE, change_message=str(done)
                )
            self.message_user(request, done, messages.SUCCESS)
        else:
            said = gettext("Its status has changed in the meantime; only your note was saved.")
            self.message_user(request, said, messages.WARNING)

    def _message_of_step(self, request, session, step, text):
        """Take the step; return a message on what was done, or nothing."""
        user = request.user
        if step == "ask":
            reviewer = self._chosen_reviewer(request.POST.get("reviewer", ""))
            asked = review.ask_for_review(session, user=user, reviewer=reviewer, note=text)
            if not asked:
                return ""
            if reviewer is None:
                return gettext_lazy("A publisher has been asked to review it.")
            return format_lazy(
                gettext_lazy("{reviewer} has been asked to review it."), reviewer=reviewer
            )
        if step == "back":
            back = review.send_back_to_draft(session, user=user, note=text)
            return gettext_lazy("It has been sent back with your note.") if back else ""
        review.add_review_note(session, user=user, text=text)
        if step == "publish" and (
            published := publish_sessions(
                Session.objects.filter(pk=session.pk),
                user=user,
                comment=gettext_noop("Published after review."),
            )
        ):
            is_waiting = is_scheduled(published[0])
            return (
                f"{status_in_words(published[0])}."
                if is_waiting
                else gettext_lazy("It has been published.")
            )
        return ""

    def _chosen_reviewer(self, number):
        return review.reviewers().filter(pk=parse_whole_number(number)).first()
