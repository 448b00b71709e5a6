from django import forms

from site_app.forms.protection import AddressField, LineField, ProtectedForm

from .models import Alert


class AlertFields(forms.Form):
    frequency = forms.ChoiceField(
        label="How often",
        choices=Alert.Frequency.choices,
        initial=Alert.Frequency.DAILY,
        help_text="A mail comes only when there is something new.",
    )
    note = LineField(
        label="A note to yourself",
        max_length=500,
        required=False,
        help_text="Included in each mail, so that you remember what it is for.",
    )


class NewAlertForm(AlertFields, ProtectedForm):
    email = AddressField(
        label="E-mail address",
        help_text="We write to this address; you confirm it by a link.",
    )
    field_order = ["email", "frequency", "note"]

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked

    def clean(self):
        if self.asked.problem:
            raise forms.ValidationError(self.asked.problem)
        return super().clean()
