"""Form fields for days, times and moments. All forms use these.

They take what site_app.text.dates reads and say a day back in words, so that a slip is seen.
"""

from datetime import date, time

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime, AdminTimeWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy

from site_app.text.dates import (
    UnreadableDateError,
    long_date_with_weekday,
    read_day,
    read_time_of_day,
)


class DayInput(forms.TextInput):
    """A day as text: a browser's date picker accepts no words and hides the order of day and month."""

    template_name = "includes/day_input.html"

    def __init__(self, attrs=None):
        super().__init__(
            {"size": 20, "placeholder": "15 November 2019", "data-day": True} | (attrs or {})
        )

    class Media:
        js = [forms.Script("js/admin/day_in_words.js", type="module")]

    def format_value(self, value):
        return value.isoformat() if isinstance(value, date) else super().format_value(value)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["in_words"] = _day_in_words(value)
        return context


def _day_in_words(value) -> str:
    if isinstance(value, str):
        try:
            value = read_day(value)
        except UnreadableDateError:
            return ""
    return long_date_with_weekday(value) if value else ""


class AdminDayInput(DayInput, AdminDateWidget):
    """The same with the admin's calendar next to it, which writes ISO dates."""

    template_name = "admin/day_input.html"

    def __init__(self, attrs=None):
        super().__init__({"class": "vDateField"} | (attrs or {}))


class TimeOfDayInput(AdminTimeWidget):
    def format_value(self, value):
        if isinstance(value, time):
            return value.isoformat("seconds" if value.second else "minutes")
        return super().format_value(value)


class MomentInput(AdminSplitDateTime):
    def __init__(self, attrs=None):
        forms.MultiWidget.__init__(self, [AdminDayInput(), TimeOfDayInput()], attrs)


class TextParsingFieldMixin:
    """A field whose text is read by `read`, which raises UnreadableDateError."""

    def to_python(self, value):
        if isinstance(value, str) and value.strip():
            try:
                return self.read(value)
            except UnreadableDateError as error:
                raise ValidationError(str(error), code="invalid") from error
        return super().to_python(None if isinstance(value, str) else value)


class DayField(TextParsingFieldMixin, forms.DateField):
    widget = DayInput
    read = staticmethod(read_day)


class AdminDayField(DayField):
    widget = AdminDayInput


class TimeOfDayField(TextParsingFieldMixin, forms.TimeField):
    widget = TimeOfDayInput
    read = staticmethod(read_time_of_day)


class MomentField(forms.SplitDateTimeField):
    """A day and a time of day, in the time zone of the archive."""

    widget = MomentInput
    default_error_messages = {
        "invalid_date": gettext_lazy("Enter the day as well."),
        "invalid_time": gettext_lazy("Enter the time of day as well, such as 18:00."),
    }

    def __init__(self, **kwargs):
        forms.MultiValueField.__init__(
            self, (AdminDayField(required=False), TimeOfDayField(required=False)), **kwargs
        )


# Form fields for model fields in a ModelAdmin.
ADMIN_DATE_AND_TIME_FIELDS = {
    models.DateField: {"form_class": AdminDayField, "widget": AdminDayInput},
    models.TimeField: {"form_class": TimeOfDayField, "widget": TimeOfDayInput},
    models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
}
