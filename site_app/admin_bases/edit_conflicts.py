"""Edit conflicts: the second save is stopped, and both versions are shown side by side."""

import hashlib
import json
from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.forms import all_valid
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext

from site_app.text.dates import moment_in_words
from site_app.text.word_diff import differing_lines


class ConflictCheckForm(forms.ModelForm):
    """A form that detects whether its record changed since it was opened."""

    edited_from = forms.CharField(required=False, widget=forms.HiddenInput)

    conflict_admin = None  # the ConflictCheckAdmin, set for the current request
    has_edit_conflict = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "edited_from" in self.fields:
            self.initial["edited_from"] = self.conflict_admin.stored_fingerprint(self.instance.pk)

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        seen = cleaned.get("edited_from")
        if self.instance.pk and seen and seen != (now := self.initial["edited_from"]):
            self.has_edit_conflict = True
            self.add_error(
                None, ValidationError(self.conflict_admin.edit_conflict_message(self.instance.pk))
            )
            # After the warning the user may overwrite the changes: saving again is a decision.
            self.data = self.data.copy()
            self.data[self.add_prefix("edited_from")] = now
        return cleaned


@dataclass(frozen=True)
class RecordVersion:
    """What a person can change of a record: `values` identify states, `lines` are for display."""

    values: list
    lines: dict[str, str]


class ConflictCheckAdmin(admin.ModelAdmin):
    """Mixin for admins whose form is a ConflictCheckForm; inline rows are part of the record."""

    form = ConflictCheckForm
    change_form_template = "admin/guarded_change_form.html"

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.conflict_admin = self
        return form

    def get_fieldsets(self, request, obj=None):
        (name, options), *others = super().get_fieldsets(request, obj)
        fields = [field for field in options["fields"] if field != "edited_from"]
        return [(name, {**options, "fields": ["edited_from", *fields]}), *others]

    def get_object(self, request, object_id, from_field=None):
        if request.method == "POST" and from_field is None:
            # Locked until the end of the transaction: of two users who save at once, the second is
            # warned.
            key = self.opts.pk
            try:
                wanted = key.to_python(object_id)
                self.model._base_manager.select_for_update().filter(pk=wanted).first()
            except (ValidationError, ValueError):
                pass  # Django reports the missing record next
        return super().get_object(request, object_id, from_field)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        form = context["adminform"].form
        if getattr(form, "has_edit_conflict", False):
            context["versions_differ"] = self._differences_of_stored_and_entered(
                request, form, obj.pk
            )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _differences_of_stored_and_entered(self, request, form, pk):
        """Return the differences between the stored version and the one in the form, or None.

        The form is saved, read and rolled back, because only then both have the same representation. Files are
        excluded, as they would be written; None if it cannot be saved without them.
        """
        posted, files = request.POST, request.FILES
        request.POST = form.data
        request._files = MultiValueDict()
        try:
            present = self.stored_version(pk)
            trial = type(form)(form.data, None, instance=self.get_object(request, str(pk)))
            formsets, _ = self._create_formsets(request, trial.instance, change=True)
            if not (trial.is_valid() and all_valid(formsets)):
                return None
            with transaction.atomic():
                self.save_model(request, self.save_form(request, trial, change=True), trial, True)
                self.save_related(request, trial, formsets, True)
                mine = self.stored_version(pk)
                transaction.set_rollback(True)
            return self.version_differences(present, mine)
        finally:
            request.POST, request._files = posted, files

    def edit_conflict_message(self, pk) -> str:
        """Say who changed the record since it was opened, as far as that is known."""
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model), object_id=str(pk)
        )
        changed = gettext("It was changed after you had opened it.")
        if entry := entries.select_related("user").order_by("-action_time", "-pk").first():
            changed = gettext("%(user)s changed it on %(moment)s, after you had opened it.") % {
                "user": entry.user,
                "moment": moment_in_words(entry.action_time),
            }
        what_to_do = gettext(
            "Nothing of yours is saved yet: it is shown below. Compare the two versions, then save "
            "again to put yours in the place of the other."
        )
        return f"{changed} {what_to_do}"

    def stored_version(self, pk):
        """Return the stored state of a record, None if there is none."""
        record = self.model._base_manager.filter(pk=pk).first()
        if record is None:
            return None
        values, lines = [], {}
        for field in self.opts.concrete_fields:
            if field.editable and not field.primary_key:
                value = getattr(record, field.attname)
                values.append([field.name, str(value)])
                lines[_capitalised(field.verbose_name)] = _field_value_text(record, field)
        for inline in self.inlines:
            rows = inline.model._base_manager.filter(
                **{_foreign_key_name(inline.model, self.model): pk}
            )
            texts = sorted((str(row), row.pk) for row in rows)
            values.append([inline.model._meta.model_name, texts])
            name = inline.verbose_name_plural or inline.model._meta.verbose_name_plural
            lines[_capitalised(name).partition(",")[0]] = "\n".join(text for text, _pk in texts)
        return RecordVersion(values, lines)

    def stored_fingerprint(self, pk) -> str:
        version = self.stored_version(pk)
        return self.version_fingerprint(version) if version else ""

    def version_fingerprint(self, version) -> str:
        text = json.dumps(version.values, cls=DjangoJSONEncoder)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def version_differences(self, then, now):
        return differing_lines(then.lines, now.lines)


def _capitalised(name) -> str:
    name = str(name)
    return name[:1].upper() + name[1:]


def _field_value_text(record, field) -> str:
    value = getattr(record, field.name)
    if isinstance(field, models.BooleanField):
        return "yes" if value else "no"
    if isinstance(field, models.FileField):
        return (value.name or "").rsplit("/", 1)[-1]
    return "" if value is None else str(value)


def _foreign_key_name(model, owner) -> str:
    return next(
        field.name
        for field in model._meta.concrete_fields
        if field.is_relation and issubclass(owner, field.related_model)
    )
