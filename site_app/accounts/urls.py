"""Addresses of accounts; the admin's login page knows the first by its name."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    path(
        "forgotten-password/", views.ForgottenPasswordView.as_view(), name="admin_password_reset"
    ),
    path(
        "forgotten-password/sent/", views.PasswordLinkSentView.as_view(), name="password_link_sent"
    ),
    # A single path segment, so that the logs mask all of it.
    re_path(
        r"^set-password/(?P<uidb64>[0-9A-Za-z]+)-(?P<token>[\w-]+)/$",
        views.SetPasswordView.as_view(),
        name="set_password",
    ),
]
