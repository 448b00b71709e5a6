from django import forms
from django.utils.translation import gettext_lazy as _

from .protection import EmailAddressField, HoneypotForm, SingleLineField


class ContactForm(HoneypotForm):
    name = SingleLineField(
        label=_("Your name"),
        max_length=200,
        error_messages={"required": _("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = EmailAddressField(label=_("E-mail address"))
    message = forms.CharField(
        label=_("Message"),
        max_length=10_000,
        error_messages={"required": _("Enter your message.")},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    about = SingleLineField(max_length=1000, required=False, widget=forms.HiddenInput)

    def clean_about(self):
        return local_path(self.cleaned_data["about"])


def local_path(text: str) -> str:
    """Return an address on this site as given, or nothing for anything else."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text[:1000] if is_local else ""
