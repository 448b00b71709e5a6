"""Choosing a password by a link that was mailed."""

from django.contrib import messages
from django.contrib.auth.views import PasswordResetConfirmView
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.views.generic import TemplateView

from ..views import ProtectedFormView
from .forms import ForgottenPasswordForm
from .login_limits import set_known_browser_cookie
from .password_links import queue_password_link


class ForgottenPasswordView(ProtectedFormView):
    """The response is the same for every address, and takes the same time."""

    template_name = "site_app/accounts/forgotten_password.html"
    form_class = ForgottenPasswordForm

    def process_form(self, form):
        queue_password_link(form.cleaned_data["email"])

    def redirect_after_success(self, request):
        return redirect("password_link_sent")


class PasswordLinkSentView(TemplateView):
    template_name = "site_app/accounts/link_sent.html"


class SetPasswordView(PasswordResetConfirmView):
    template_name = "site_app/accounts/set_password.html"
    success_url = reverse_lazy("admin:login")

    def dispatch(self, *args, **kwargs):
        response = super().dispatch(*args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def form_valid(self, form):
        response = super().form_valid(form)
        # Failures of others for this user name no longer lock this browser out.
        set_known_browser_cookie(response, self.user)
        messages.success(
            self.request,
            gettext("Your password is set. Log in as %(get_username)s.")
            % {"get_username": self.user.get_username()},
        )
        return response
