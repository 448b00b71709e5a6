"""Export and import of a list in the admin, with a preview and errors by row."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm, ImportForm, SelectableFieldsExportForm

from site_app.http.generated_files import limit_concurrent_files

from .formats import MAX_FILE_BYTES, SHEET_FORMATS, XlsxSheet, detect_format_index
from .preview_storage import PreviewStorage, file_name_of_ticket, sign_preview_ticket

# Kinds of preview rows that are shown; unchanged ones are only counted.
PREVIEWED_ROW_KINDS = ["update", "new"]
MAX_PREVIEW_ROWS = 200  # rows of a preview that are shown; all are checked
FORMAT_LABELS = {"csv": "CSV", "xlsx": "XLSX (Excel, LibreOffice)", "json": "JSON"}
_recorders: list[Callable[..., AbstractContextManager]] = []


def register_import_recorder(recorder: Callable[..., AbstractContextManager]) -> None:
    """Register the function that records each import, to list it and roll it back.

    Called with the keywords `user`, `source_name` and `model`, it returns a context manager around
    the import; what that gives is called with the result of django-import-export at its end.
    """
    _recorders[:] = [recorder]


class ChooseSheetFileForm(ImportForm):
    """The format of a file is detected from its content."""

    format = forms.CharField(required=False, widget=forms.HiddenInput)

    def _init_formats(self, formats):
        self.fields["import_file"].label = gettext("File")
        self.fields["import_file"].help_text = gettext("CSV, XLSX or JSON, at most 10 MB.")
        self.fields["import_file"].widget.attrs["accept"] = ".csv,.xlsx,.json"

    @property
    def media(self):
        return forms.Media()  # the library's script guesses the file format

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > MAX_FILE_BYTES:
            raise ValidationError(
                f"The file has {filesizeformat(file.size)}; "
                f"at most {filesizeformat(MAX_FILE_BYTES)} are read."
            )
        return file

    def clean(self):
        cleaned = super().clean()
        if file := cleaned.get("import_file"):
            cleaned["format"] = detect_format_index(file.read(100))
            file.seek(0)
        return cleaned


class ConfirmSheetImportForm(ConfirmImportForm):
    format = forms.ChoiceField(
        choices=[(str(place), "") for place in range(len(SHEET_FORMATS))], widget=forms.HiddenInput
    )

    def __init__(self, *args, owner, **kwargs):
        super().__init__(*args, **kwargs)
        self.owner = owner

    def clean_import_file_name(self):
        try:
            return file_name_of_ticket(self.cleaned_data["import_file_name"], self.owner)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class ExportSheetForm(SelectableFieldsExportForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [choice for choice in self.fields["format"].choices if choice[0] != ""]
        self.fields["format"].choices = [(value, FORMAT_LABELS[name]) for value, name in choices]
        self.fields["format"].initial = str(SHEET_FORMATS.index(XlsxSheet))

    def _get_field_label(self, resource, field_name):
        return resource.column_label(field_name)

    @property
    def media(self):
        return forms.Media()


def preview_context(result) -> dict:
    """Return what the page shows of a result: what changes, then what is new, by row.

    Of the columns those that change; the first two say which record a row is.
    """
    rows = [
        (line, row)
        for line, row in zip(result.lines, result.rows, strict=True)
        if row.import_type in PREVIEWED_ROW_KINDS
    ]
    rows.sort(key=lambda item: PREVIEWED_ROW_KINDS.index(item[1].import_type))
    left_off = max(0, len(rows) - MAX_PREVIEW_ROWS)
    rows = rows[:MAX_PREVIEW_ROWS]
    places = [
        place
        for place in range(len(result.diff_headers))
        if place < 2 or any(_is_changed_cell(row.diff[place]) for _line, row in rows)
    ]
    return {
        "headers": [result.diff_headers[place] for place in places],
        "rows": [
            {
                "line": line,
                "kind": row.import_type,
                "cells": [
                    {"text": row.diff[place], "is_changed": _is_changed_cell(row.diff[place])}
                    for place in places
                ],
            }
            for line, row in rows
        ],
        "rows_left_off": left_off,
    }


def _is_changed_cell(cell: str) -> bool:
    return "<ins>" in cell or "<del>" in cell


def problem_sentences(result) -> list[str]:
    """Return a sentence for the errors of a file, with their rows and columns."""

    def place(number):
        return gettext("Row %(lines)s") % {"lines": result.lines[number - 1]}

    said = [str(error.error) for error in result.base_errors]
    for number, errors in result.row_errors():
        said += [
            gettext("%(place)s: %(error)s") % {"place": place(number), "error": error.error}
            for error in errors
        ]
    for row in result.invalid_rows:
        for name, texts in row.field_specific_errors.items():
            said += [
                gettext("%(place)s, %(name)s: %(text)s")
                % {"place": place(row.number), "name": name, "text": text}
                for text in texts
            ]
        said += [
            gettext("%(place)s: %(text)s") % {"place": place(row.number), "text": text}
            for text in row.non_field_specific_errors
        ]
    return said


class SheetAdmin(ImportExportMixin, admin.ModelAdmin):
    """Mixin; `resource_classes` says which columns there are."""

    formats = SHEET_FORMATS
    import_template_name = "admin/sheets/import.html"
    export_template_name = "admin/sheets/export.html"
    import_export_change_list_template = "admin/sheets/change_list.html"
    import_form_class = ChooseSheetFileForm
    confirm_form_class = ConfirmSheetImportForm
    export_form_class = ExportSheetForm
    tmp_storage_class = PreviewStorage

    def has_import_permission(self, request):
        rights = (f"{action}_{self.opts.model_name}" for action in ("add", "change"))
        return all(request.user.has_perm(f"{self.opts.app_label}.{right}") for right in rights)

    def has_export_permission(self, request):
        return self.has_view_or_change_permission(request)

    def get_import_resource_kwargs(self, request, *args, **kwargs):
        return {"user": request.user}

    def get_confirm_form_initial(self, request, import_form):
        initial = super().get_confirm_form_initial(request, import_form)
        if import_form is not None:
            name = sign_preview_ticket(initial["import_file_name"], self._ticket_owner(request))
            initial["import_file_name"] = name
        return initial

    def get_confirm_form_kwargs(self, request, import_form=None):
        kwargs = super().get_confirm_form_kwargs(request, import_form)
        return kwargs | {"owner": self._ticket_owner(request)}

    @method_decorator(limit_concurrent_files)
    def export_action(self, request):
        return super().export_action(request)

    def import_action(self, request, **kwargs):
        response = super().import_action(request, **kwargs)
        if result := response.context_data.get("result"):
            response.context_data["problems"] = problem_sentences(result)
            response.context_data["remark"] = result.remark
            if not response.context_data["problems"]:
                response.context_data |= preview_context(result)
            response.context_data["has_changes"] = any(
                result.totals[kind] for kind in ("new", "update", "delete")
            )
        return response

    def process_import(self, request, **kwargs):
        if request.method == "POST" and self.has_import_permission(request):
            form = self.create_confirm_form(request)
            if not form.is_valid():
                for said in (message for of_field in form.errors.values() for message in of_field):
                    self.message_user(request, said, messages.ERROR)
                return self._redirect_to_import_page(request)
        return super().process_import(request, **kwargs)

    def process_dataset(self, dataset, form, request, **kwargs):
        values = {
            "user": request.user,
            "source_name": form.cleaned_data["original_file_name"],
            "model": self.model,
        }
        recorder = _recorders[0](**values) if _recorders else nullcontext(lambda result: None)
        with recorder as record:
            result = super().process_dataset(dataset, form, request, **kwargs)
            record(result)
        return result

    def get_import_data_kwargs(self, **kwargs):
        # Between preview and confirmation somebody may have changed related records.
        return super().get_import_data_kwargs(**kwargs) | {"rollback_on_validation_errors": True}

    def process_result(self, result, request):
        if result.has_errors() or result.has_validation_errors():
            said = gettext(
                "Nothing was imported: the archive has changed since the preview. "
                "Choose the file again to see what is wrong."
            )
            self.message_user(request, said, messages.ERROR)
            return self._redirect_to_import_page(request)
        return super().process_result(result, request)

    def add_data_read_fail_error_to_form(self, form, error):
        said = str(error) if isinstance(error, ValueError) else gettext("The file cannot be read.")
        form.add_error("import_file", said)

    def _create_log_entry(self, user_pk, rows, import_type, action_flag):
        self.model._meta.apps.get_model("admin", "LogEntry").objects.log_actions(
            user_pk, rows, action_flag, change_message="Imported from a file."
        )

    def _ticket_owner(self, request):
        return f"{self.opts.label_lower}:{request.user.pk}"

    def _redirect_to_import_page(self, request):
        app, model = self.opts.app_label, self.opts.model_name
        return redirect(f"{self.admin_site.name}:{app}_{model}_import")
