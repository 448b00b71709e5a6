"""A form field that takes a record by name, slug or address: works without JavaScript, at any size."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext

MAX_CANDIDATES_NAMED = 12


class RecordField(forms.CharField):
    """Cleans to the record of `model` that is meant; its admin says what its search finds."""

    def __init__(self, model, **kwargs):
        kwargs.setdefault(
            "help_text", gettext("Its name, or the address of its page on the site.")
        )
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={"class": "vTextField", "placeholder": gettext("Name or address")}
            ),
        )
        super().__init__(**kwargs)
        self.model = model

    def clean(self, value):
        text = super().clean(value)
        return find_record_by_name_or_slug(self.model, text) if text else None


def find_record_by_name_or_slug(model, text: str, besides: int | None = None):
    """Return the one record that `text` names; `besides`: the key of one that cannot be meant.

    Raises ValidationError, with the slugs to choose from where several have the name.
    """
    slug = text.rstrip("/").rsplit("/", 1)[-1]
    others = model._base_manager.exclude(pk=besides)
    if records := others.filter(slug=slug).first():
        return records
    searched, _ = admin.site._registry[model].get_search_results(None, others, text)
    records = list(searched.distinct()[: MAX_CANDIDATES_NAMED + 1]) if text else []
    exact = [record for record in records if str(record).casefold() == text.casefold()]
    if len(records) == 1 or len(exact) == 1:
        return (exact or records)[0]
    if not records:
        raise forms.ValidationError(gettext("No record with this name or address was found."))
    slugs = ", ".join(f"{record} ({record.slug})" for record in records[:MAX_CANDIDATES_NAMED])
    raise forms.ValidationError(
        gettext("Several records have this name. Enter one of the slugs: %(slugs)s.")
        % {"slugs": slugs}
    )
