"""Autocomplete in formsets: the chosen names of all rows are loaded with one query per model."""

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.utils.functional import cached_property

from site_app.text.numbers import parse_whole_numbers

from .errors import DistinctRowsFormSet


class FormSetLabelsMixin:
    """Mixin of Django's autocomplete widgets: it asks its formset for names, not the database."""

    formset = None

    def optgroups(self, name, value, attrs=None):
        chosen = [key for key in map(str, value) if key not in ("", "None")]
        options = []
        if not self.is_required and not self.allow_multiple_selected:
            options.append(self.create_option(name, "", "", not chosen, 0))
        known = self.formset.chosen_records_by_model[self.choices.queryset.model] if chosen else {}
        options += [
            self.create_option(name, key, str(known[key]), True, index)
            for index, key in enumerate(chosen, start=len(options))
            if key in known
        ]
        return [(None, options, 0)]


class FormSetAutocompleteSelect(FormSetLabelsMixin, AutocompleteSelect):
    pass


class FormSetAutocompleteSelectMultiple(FormSetLabelsMixin, AutocompleteSelectMultiple):
    pass


def unwrapped_widget(field):
    """Return the widget inside the wrapper that adds the pop-up links, or the widget itself."""
    return getattr(field.widget, "widget", field.widget)


class AutocompleteFormSet(DistinctRowsFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        for field in form.fields.values():
            # A button that deletes the speaker, next to the row of the speaker, would be a trap.
            field.widget.can_delete_related = False
            if isinstance(widget := unwrapped_widget(field), FormSetLabelsMixin):
                widget.formset = self

    @cached_property
    def chosen_records_by_model(self):
        """For each model chosen from: {key as text: record} over all rows."""
        keys = {}
        for form in self.forms:
            for name, field in form.fields.items():
                if isinstance(unwrapped_widget(field), FormSetLabelsMixin):
                    value = form[name].value()
                    values = value if isinstance(value, list | tuple) else [value]
                    of_model = keys.setdefault(field.queryset.model, set())
                    of_model.update(str(getattr(choice, "pk", choice)) for choice in values)
        return {
            model: {
                str(record.pk): record
                for record in model._default_manager.filter(pk__in=parse_whole_numbers(of_model))
            }
            for model, of_model in keys.items()
        }


class AutocompleteInline(admin.options.InlineModelAdmin):
    """Mixin of inlines: `autocomplete_fields` need no query per row."""

    formset = AutocompleteFormSet

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", FormSetAutocompleteSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault(
                "widget", FormSetAutocompleteSelectMultiple(db_field, self.admin_site)
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)
