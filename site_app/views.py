"""The archive's own pages: about, and the contact form."""

from functools import wraps

from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, TemplateView

from site_app.forms.contact import ContactForm, local_path
from site_app.forms.protection import (
    ATTEMPT_WINDOW,
    TooManyError,
    check_invalid_link_limit,
    count_failed_form,
    count_invalid_link,
    count_submission,
    has_sent_too_many_failed_forms,
)
from site_app.mail.queue import queue_message
from site_app.mail.rendering import register_renderer, render_mail_template

from .models import ContactMessage, SiteSettings


class AboutView(TemplateView):
    template_name = "site_app/about.html"


class ProtectedFormView(FormView):
    """A public form. Trapped submissions get thanks and are dropped; beyond the limit it answers 429."""

    thanks = ""  # URL name of the page after success

    def post(self, request, *args, **kwargs):
        if has_sent_too_many_failed_forms(request):
            response = render(request, "429_short.html", {"site": SiteSettings.load()}, status=429)
            response["Retry-After"] = str(int(ATTEMPT_WINDOW.total_seconds()))
            return response
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"form_failed": bool(context["form"].errors or context.get("too_many"))}

    def form_invalid(self, form):
        count_failed_form(self.request, "unusable")
        return super().form_invalid(form)

    def form_valid(self, form):
        try:
            count_submission(self.request, form.cleaned_data["email"])
        except TooManyError as error:
            count_failed_form(self.request, "refused")
            response = render(
                self.request,
                self.template_name,
                self.get_context_data(form=form, too_many=error),
                status=429,
            )
            response["Retry-After"] = str(error.seconds)
            return response
        return self.redirect_after_success(
            None if form.is_honeypot_filled else self.process_form(form)
        )

    def process_form(self, form):
        """Process the form in one transaction; return the context of the thank-you page."""
        raise NotImplementedError

    def redirect_after_success(self, done):
        return redirect(self.thanks, permanent=False)


class PrivateTokenPageMixin:
    """Pages behind a token: not cached, and not sent as a referrer.

    Browsers send "Origin: null" from a page with this referrer policy, which Django's CSRF protection rejects.
    These pages need no such protection: the token in the URL is their only authorisation, without a cookie,
    and an attacker who knows the URL needs no visitor's browser.

    Tokens are too long to be guessed; attempts are limited nevertheless, before any lookup, so that a correct
    guess gets the same response as a wrong one.
    """

    @classmethod
    def as_view(cls, **initkwargs):
        view = super().as_view(**initkwargs)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            try:
                check_invalid_link_limit(request)
                return view(request, *args, **kwargs)
            except TooManyError as error:
                response = render(request, "429.html", {"too_many": error}, status=429)
                response["Retry-After"] = str(error.seconds)
                return response
            except Http404:
                count_invalid_link(request)
                raise

        return csrf_exempt(guarded)

    def dispatch(self, request, *args, **kwargs):
        # Problem reports go to staff, who must not be able to open a reader's private page, so its
        # token is removed.
        request.report_path = "/".join(request.path.split("/")[:2]) + "/"
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
        return response


class ContactView(ProtectedFormView):
    template_name = "site_app/contact.html"
    form_class = ContactForm
    thanks = "site:contact-thanks"

    def get_initial(self):
        return {"about": local_path(self.request.GET.get("about", "").replace("\x00", ""))}

    @transaction.atomic
    def process_form(self, form):
        message = ContactMessage.objects.create(
            **{name: form.cleaned_data[name] for name in ("name", "email", "about", "message")}
        )
        queue_message("contact", SiteSettings.load().contact_email, message=message.pk)
        return message


@register_renderer("contact")
def render_contact_mail(about):
    message = ContactMessage.objects.filter(pk=about["message"]).first()
    return message and render_mail_template("contact", reply_to=message.email, message=message)


class ContactThanksView(TemplateView):
    template_name = "site_app/contact_thanks.html"
