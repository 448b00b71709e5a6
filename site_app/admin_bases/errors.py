"""Errors in forms of the admin: a list with links at the top, and no error in a closed section."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseInlineFormSet
from django.utils.text import capfirst
from django.utils.translation import gettext


@dataclass(frozen=True)
class FormError:
    """One error: the id of its place on the page ("" for none), its name, the message."""

    target: str
    where: str
    message: str


class DistinctRowsFormSet(BaseInlineFormSet):
    """A formset that rejects equal rows and names them."""

    def validate_unique(self):
        self._repeated = {}
        super().validate_unique()

    def get_unique_error_message(self, unique_check):
        if unique_check not in self._repeated:
            self._repeated[unique_check] = self._values_of_repeated_rows(unique_check)
        # Django calls this once for each row that repeats an earlier one, from top to bottom.
        values = self._repeated[unique_check].pop(0)
        return gettext("%(values)s is entered twice. Remove one of the two.") % {
            "values": ", ".join(values)
        }

    def get_form_error(self):
        return gettext("This row repeats one above.")

    def _values_of_repeated_rows(self, unique_check) -> list[list[str]]:
        names = [name for name in unique_check if name != self.fk.name]
        seen, repeated = set(), []
        for form in self.forms:
            if not form.is_valid() or form in self.deleted_forms:
                continue
            values = tuple(form.cleaned_data.get(name) for name in names)
            if None in values:
                continue
            if values in seen:
                repeated.append([str(value) for value in values])
            seen.add(values)
        return repeated


class ErrorSummaryAdmin(admin.ModelAdmin):
    """Mixin of all admins."""

    def get_inline_instances(self, request, obj=None):
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            if inline.formset is BaseInlineFormSet:
                inline.formset = DistinctRowsFormSet
        return inlines

    def render_change_form(self, request, context, *args, **kwargs):
        form, rows = context["adminform"].form, context["inline_admin_formsets"]
        # A browser silently truncates pasted text at maxlength; without it, the form reports the
        # error.
        for fields in (form.fields, *(wrapped.formset.form.base_fields for wrapped in rows)):
            _remove_maxlength(fields)
        for wrapped in rows:
            for row in wrapped.formset.forms:
                _remove_maxlength(row.fields)
        if form.is_bound:
            context["error_summary"] = list(dict.fromkeys(errors_in_page_order(form, rows)))
            context["errors"] = ()  # Django's page would only say that there are errors
            expand_sections_with_errors(context["adminform"], rows)
        return super().render_change_form(request, context, *args, **kwargs)


def _remove_maxlength(fields) -> None:
    for field in fields.values():
        for widget in (field.widget, *getattr(field.widget, "widgets", ())):
            widget.attrs.pop("maxlength", None)


def errors_in_page_order(form, inline_admin_formsets) -> Iterator[FormError]:
    """Yield the errors in the order of the page."""
    yield from _errors_of_form(form)
    for wrapped in inline_admin_formsets:
        formset, noun = wrapped.formset, capfirst(wrapped.opts.verbose_name)
        for message in formset.non_form_errors():
            name = capfirst(wrapped.opts.verbose_name_plural)
            yield FormError(f"{formset.prefix}-group", name, message)
        for number, row in enumerate(formset.forms, start=1):
            yield from _errors_of_form(row, f"{noun} {number}", row.prefix)


def _errors_of_form(form, row="", row_id="") -> Iterator[FormError]:
    for name, messages in form.errors.items():
        if name == NON_FIELD_ERRORS:
            where, target = row, row_id
        else:
            field = form[name]
            where = ", ".join(str(part) for part in (row, field.label) if part)
            target = "" if field.is_hidden else field.id_for_label or f"{field.auto_id}_0"
        for message in messages:
            yield FormError(target, where, message)


def expand_sections_with_errors(adminform, inline_admin_formsets) -> None:
    """Open each collapsed section with an error in it."""
    wrong = set(adminform.form.errors)
    adminform.fieldsets = [
        (
            name,
            _options_without_collapse(options)
            if wrong & set(flatten(options["fields"]))
            else options,
        )
        for name, options in adminform.fieldsets
    ]
    for wrapped in inline_admin_formsets:
        if wrapped.formset.total_error_count():
            wrapped.is_collapsible = False


def _options_without_collapse(options: dict) -> dict:
    return {
        **options,
        "classes": [name for name in options.get("classes", ()) if name != "collapse"],
    }
