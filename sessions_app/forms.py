"""What visitors write about sessions."""

from django import forms

from site_app.protection import AddressField, LineField, ProtectedForm

LONGEST_COMMENT = 5000  # characters


class CommentForm(ProtectedForm):
    name = LineField(
        label="Your name",
        max_length=200,
        help_text="Shown with the comment.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label="E-mail address", help_text="For questions of the staff; never shown."
    )
    body = forms.CharField(
        label="Comment",
        max_length=LONGEST_COMMENT,
        help_text="Plain text.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
