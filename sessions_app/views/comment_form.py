"""What visitors write about sessions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from site_app.forms.protection import EmailAddressField, HoneypotForm, SingleLineField

MAX_COMMENT_LENGTH = 5000  # characters


class CommentForm(HoneypotForm):
    name = SingleLineField(
        label=_("Your name"),
        max_length=200,
        help_text=_("Shown with the comment."),
        error_messages={"required": _("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = EmailAddressField(
        label=_("E-mail address"),
        help_text=_("Staff may write to you about your comment. The address is never shown."),
    )
    body = forms.CharField(
        label=_("Comment"),
        max_length=MAX_COMMENT_LENGTH,
        help_text=_("Plain text."),
        error_messages={"required": _("Enter your comment.")},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
