"""What visitors write about sessions."""

from django import forms

from site_app.forms.protection import AddressField, LineField, ProtectedForm

MAX_COMMENT_LENGTH = 5000  # characters


class CommentForm(ProtectedForm):
    name = LineField(
        label="Your name",
        max_length=200,
        help_text="Shown with the comment.",
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label="E-mail address", help_text="Staff may write to you about it; it is never shown."
    )
    body = forms.CharField(
        label="Comment",
        max_length=MAX_COMMENT_LENGTH,
        help_text="Plain text.",
        error_messages={"required": "Enter your comment."},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
