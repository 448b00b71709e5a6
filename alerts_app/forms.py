from django import forms
from django.utils.translation import gettext_lazy as _

from site_app.forms.protection import AddressField, LineField, ProtectedForm

from .models import Alert


class AlertFields(forms.Form):
    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=Alert.Frequency.choices,
        initial=Alert.Frequency.DAILY,
        help_text=_("We only write when there is something new."),
    )
    note = LineField(
        label=_("A note to yourself"),
        max_length=500,
        required=False,
        help_text=_("Shown in each e-mail, to remind you what the alert is for."),
    )


class NewAlertForm(AlertFields, ProtectedForm):
    email = AddressField(
        label=_("E-mail address"),
        help_text=_("We will send a link to this address for you to confirm it."),
    )
    field_order = ["email", "frequency", "note"]

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked

    def clean(self):
        if self.asked.problem:
            raise forms.ValidationError(self.asked.problem)
        return super().clean()
