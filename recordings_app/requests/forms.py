from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recordings_app.models import Recording
from sessions_app.models import Session
from site_app.forms.protection import EmailAddressField, HoneypotForm, SingleLineField

MAX_SESSIONS_PER_REQUEST = 50


def requestable_sessions():
    """Public sessions whose recording can be requested."""
    rows = Recording.objects.requestable().filter(session=OuterRef("pk"))
    return Session.objects.published().filter(Exists(rows))


class RequestableSessionsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def clean(self, value):
        if len(value or ()) > MAX_SESSIONS_PER_REQUEST:
            raise forms.ValidationError(
                gettext("Ask for at most %(number)s recordings at a time.")
                % {"number": MAX_SESSIONS_PER_REQUEST}
            )
        # A slug never contains NUL, and PostgreSQL rejects a query with one.
        return super().clean([slug for slug in value or () if "\x00" not in slug])


class RecordingRequestForm(HoneypotForm):
    session = RequestableSessionsField(
        queryset=Session.objects.none(),
        to_field_name="slug",
        label=_("Recordings of these sessions"),
        error_messages={
            "required": _("Choose at least one session."),
            "invalid_choice": _("The recording of “%(value)s” cannot be requested."),
        },
    )
    name = SingleLineField(
        label=_("Your name"),
        max_length=200,
        error_messages={"required": _("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = EmailAddressField(
        label=_("E-mail address"),
        help_text=_("We will send a link to this address for you to confirm it."),
    )
    organisation = SingleLineField(
        label=_("Organisation"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    purpose = forms.CharField(
        label=_("What you need it for"),
        max_length=5000,
        error_messages={"required": _("Enter what you need the recording for.")},
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    agree = forms.BooleanField(
        label=_("I agree to the terms of use"),
        error_messages={"required": _("Tick the box to agree to the terms of use.")},
    )

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = list(offered)
        self.fields["session"].queryset = requestable_sessions()
        self.fields["session"].choices = [(session.slug, str(session)) for session in self.offered]
        if not settings.REQUEST_CONFIRMATION:
            self.fields["email"].help_text = _("We will reply to this address.")


class LostLinkForm(HoneypotForm):
    email = EmailAddressField(
        label=_("E-mail address"), help_text=_("The address you gave with your requests.")
    )
