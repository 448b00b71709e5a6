"""Writing a comment: a page of its own, so that the session's page can be kept for everybody."""

from django.http import Http404
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from sessions_app.editing.comments import submit_comment
from sessions_app.visibility import TombstoneMixin, commenting_in_force, visible_session
from site_app.models import Commenting, SiteSettings
from site_app.text.numbers import parse_whole_number
from site_app.views import ProtectedFormView

from .comment_form import CommentForm


class CommentedSessionMixin(TombstoneMixin):
    """The public session that is commented on; 404 where no comments are taken."""

    @cached_property
    def commented_session(self):
        session = visible_session(None, self.kwargs["slug"])
        if commenting_in_force(session, SiteSettings.load()) != Commenting.OPEN:
            raise Http404
        return session


class CommentView(CommentedSessionMixin, ProtectedFormView):
    template_name = "sessions_app/comment.html"
    form_class = CommentForm

    def get_form(self, form_class=None):
        self.commented_session  # noqa: B018 - 404 or 410 comes before what is wrong with the form
        return super().get_form(form_class)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            session=self.commented_session, answered=self.comment_replied_to(), **kwargs
        )

    def comment_replied_to(self):
        """Return the comment that this one answers, as `?to=` names it, or None."""
        key = parse_whole_number(self.request.GET.get("to", ""))
        return (
            self.commented_session.comments.visible_to_visitors().filter(pk=key).first()
            if key
            else None
        )

    def process_form(self, form):
        wanted = ("name", "email", "body")
        return submit_comment(
            session=self.commented_session,
            reply_to=self.comment_replied_to(),
            **{name: form.cleaned_data[name] for name in wanted},
        )

    def redirect_after_success(self, comment):
        """Lead on with 303, so that reloading sends nothing again; a robot sees the same page."""
        response = redirect("sessions:comment-thanks", self.commented_session.slug)
        response.status_code = 303
        return response


class CommentThanksView(CommentedSessionMixin, TemplateView):
    template_name = "sessions_app/comment_thanks.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(session=self.commented_session, **kwargs)
