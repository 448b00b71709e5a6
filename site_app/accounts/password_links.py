"""Mailed links to choose a password: stored nowhere, valid once, for three days."""

from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode

from site_app.mail.queue import queue_message
from site_app.mail.rendering import register_renderer, render_mail_template
from site_app.text.email_addresses import stored_address


def queue_invitation(user) -> None:
    """Send somebody an invitation with the link to choose a password."""
    queue_message("account-invitation", user.email, user=user.pk)


def queue_password_link(address: str) -> None:
    """Mail the link to the owner of an account with this address.

    For any other address a message is queued as well, and not sent: the answer takes as long.
    """
    accounts = get_user_model().objects.filter(
        Q(email__iexact=address), is_active=True, is_staff=True
    )
    keys = [user.pk for user in accounts if stored_address(user.email) == address]
    queue_message("account-password", address, user=keys[0] if keys else None)


def _render_mail_with_password_link(template, about):
    user = get_user_model().objects.filter(pk=about["user"], is_active=True).first()
    if user is None:
        return None
    key = urlsafe_base64_encode(str(user.pk).encode())
    token = default_token_generator.make_token(user)
    path = reverse("set_password", kwargs={"uidb64": key, "token": token})
    return render_mail_template(template, account=user, path=path)


@register_renderer("account-invitation")
def render_invitation(about):
    return _render_mail_with_password_link("account_invitation", about)


@register_renderer("account-password")
def render_forgotten_password_mail(about):
    return _render_mail_with_password_link("account_password", about)
