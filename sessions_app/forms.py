"""What visitors write about sessions."""

from django import forms

from site_app.protection import LineField, ProtectedForm

LONGEST_COMMENT = 5000  # characters


class CommentForm(ProtectedForm):
    name = LineField(
        label="Your name",
        max_length=200,
        help_text="Shown with the comment.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="For questions of the staff; never shown.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    body = forms.CharField(
        label="Comment",
        max_length=LONGEST_COMMENT,
        help_text="Plain text.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
