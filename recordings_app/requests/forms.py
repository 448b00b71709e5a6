from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef

from recordings_app.models import Recording
from sessions_app.models import Session
from site_app.forms.protection import AddressField, LineField, ProtectedForm

MAX_SESSIONS = 50


def requestable_sessions():
    """Public sessions whose recording can be asked for."""
    rows = Recording.objects.requestable().filter(session=OuterRef("pk"))
    return Session.objects.published().filter(Exists(rows))


class SessionsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def clean(self, value):
        if len(value or ()) > MAX_SESSIONS:
            raise forms.ValidationError(f"Ask for at most {MAX_SESSIONS} recordings at a time.")
        # A slug never holds a NUL, and PostgreSQL refuses to look for one.
        return super().clean([slug for slug in value or () if "\x00" not in slug])


class RecordingRequestForm(ProtectedForm):
    session = SessionsField(
        queryset=Session.objects.none(),
        to_field_name="slug",
        label="Recordings of these sessions",
        error_messages={
            "required": "Choose at least one session.",
            "invalid_choice": "The recording of “%(value)s” cannot be requested.",
        },
    )
    name = LineField(
        label="Your name",
        max_length=200,
        error_messages={"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label="E-mail address",
        help_text="We write to this address; you confirm it by a link.",
    )
    organisation = LineField(
        label="Organisation",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    purpose = forms.CharField(
        label="What you need it for",
        max_length=5000,
        error_messages={"required": "Enter what you need the recording for."},
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    agree = forms.BooleanField(
        label="I agree to the terms of use",
        error_messages={"required": "Tick the box if you agree to the terms of use."},
    )

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = list(offered)
        self.fields["session"].queryset = requestable_sessions()
        self.fields["session"].choices = [(session.slug, str(session)) for session in self.offered]
        if not settings.REQUEST_CONFIRMATION:
            self.fields["email"].help_text = "We answer to this address."


class LostLinkForm(ProtectedForm):
    email = AddressField(label="E-mail address", help_text="The one you gave with your requests.")
