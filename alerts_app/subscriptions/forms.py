from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts_app.alert_query import AlertQuery, alert_query_of_list_url
from alerts_app.models import Alert
from site_app.forms.protection import EmailAddressField, HoneypotForm, SingleLineField

from .subscribing import another_alert_has_query


class AlertSettingsForm(forms.Form):
    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=Alert.Frequency.choices,
        initial=Alert.Frequency.DAILY,
        help_text=_("We only write when there is something new."),
    )
    note = SingleLineField(
        label=_("A note to yourself"),
        max_length=500,
        required=False,
        help_text=_("Shown in each e-mail, to remind you what the alert is for."),
    )


class NewAlertForm(AlertSettingsForm, HoneypotForm):
    email = EmailAddressField(
        label=_("E-mail address"),
        help_text=_("We will send a link to this address for you to confirm it."),
    )
    field_order = ["email", "frequency", "note"]

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked

    def clean(self):
        if self.asked.why_never_usable:
            raise forms.ValidationError(self.asked.why_never_usable)
        return super().clean()


class ChangeAlertForm(AlertSettingsForm):
    """Everything about an alert except its address. `asked` is the changed query."""

    words = SingleLineField(
        label=_("Words to search for"),
        max_length=500,
        required=False,
        help_text=_("Left empty, the filters alone decide."),
    )
    keep = forms.MultipleChoiceField(
        label=_("Filters"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Untick what the alert should no longer ask for."),
    )
    address = SingleLineField(
        label=_("Follow another list instead"),
        max_length=3000,
        required=False,
        help_text=_(
            "Search and filter in the archive until the list is what you want, then paste the address of "
            "that page here."
        ),
    )
    field_order = ["words", "keep", "address", "frequency", "note"]

    def __init__(self, *args, alert, **kwargs):
        self.alert, self.asked = alert, alert.alert_query()
        conditions = self.asked.filter_parts_with_labels
        initial = {
            "words": self.asked.search_text,
            "keep": [part for part, _label in conditions],
            "note": alert.note,
            "frequency": alert.frequency,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["keep"].choices = conditions
        if not conditions:
            del self.fields["keep"]

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if cleaned["address"]:
            self.set_query_or_add_error(alert_query_of_list_url(cleaned["address"]), "address")
        elif "words" in self.data:  # API clients may send only the other fields
            query = QueryDict(mutable=True)
            query["q"] = cleaned["words"]
            for part in cleaned.get("keep", ()):
                query.update(QueryDict(part))
            self.set_query_or_add_error(AlertQuery(self.alert.alert_query().kind, query), "words")
        return cleaned

    def set_query_or_add_error(self, asked: AlertQuery | None, field: str) -> None:
        """Use `asked` as the alert's query, or add an error to `field`."""
        if asked is None:
            example = f"{settings.SITE_URL}{self.asked.list_url()}"
            message = gettext(
                "Enter the address of a list of sessions or recommendations, such as %(address)s"
            )
            self.add_error(field, message % {"address": example})
        elif asked.messages_of_unusable_values:
            for label, messages in asked.messages_of_unusable_values:
                self.add_error(field, f"{label}: {' '.join(messages)}")
        elif asked.why_never_usable:
            self.add_error(field, asked.why_never_usable)
        elif another_alert_has_query(self.alert, asked):
            self.add_error(field, gettext("Another alert of yours follows this already."))
        else:
            self.asked = asked
