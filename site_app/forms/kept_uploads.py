"""Files chosen in a form of the admin are kept while errors in the form are corrected.

They lie in private storage for some hours. The page carries a signed ticket for each, good for
the person and the page it was made for alone; the form checks the content each time it is sent.
"""

from copy import copy
from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core import signing
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile
from django.utils.crypto import get_random_string
from django.utils.html import format_html

from site_app.spreadsheets.preview_storage import delete_old_private_files

KEPT_UPLOADS_FOLDER = "kept-uploads"
KEPT_UPLOAD_TICKET_SALT = "site_app.kept_uploads"
KEPT_UPLOAD_RETENTION = timedelta(hours=6)
MAX_KEPT_BYTES = settings.DOCUMENT_MAX_BYTES  # per file; recordings are uploaded in pieces instead
MAX_KEPT_FILES = 20  # per form
TICKET_FIELD_SUFFIX = "-kept"  # of the field with the signed reference to a stored file
DISCARD_FIELD_SUFFIX = "-left-out"  # of the checkbox that discards the stored file


class KeptUploadsAdmin(admin.ModelAdmin):
    """Mixin of all admins."""

    def changeform_view(self, request, *args, **kwargs):
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        request.kept_uploads = _restore_kept_uploads(request)
        request.is_form_shown = False
        response = super().changeform_view(request, *args, **kwargs)
        if not request.is_form_shown:
            for name, _ticket in request.kept_uploads.values():
                storages["private"].delete(name)
        return response

    def render_change_form(self, request, context, *args, **kwargs):
        if request.method == "POST":
            request.is_form_shown = True
            rows = [
                row for inline in context["inline_admin_formsets"] for row in inline.formset.forms
            ]
            _keep_uploads_of_forms(request, [context["adminform"].form, *rows])
        return super().render_change_form(request, context, *args, **kwargs)


def delete_kept_uploads(now: datetime | None = None) -> int:
    """Delete files of forms that were not saved within six hours; return how many."""
    return delete_old_private_files(KEPT_UPLOADS_FOLDER, KEPT_UPLOAD_RETENTION, now)


def keep_uploads_of_request(request) -> list[tuple[str, str]]:
    """Store the files of a form that cannot be shown yet; return (field, ticket) to send instead."""
    uploads = list(request.FILES.items())[:MAX_KEPT_FILES]
    return [
        (f"{name}{TICKET_FIELD_SUFFIX}", _store_with_ticket(request, upload)[1])
        for name, upload in uploads
        if upload.size <= MAX_KEPT_BYTES
    ]


def _restore_kept_uploads(request) -> dict[str, tuple[str, str]]:
    """Add the files of this form's tickets to the submitted ones, unless they were replaced.

    Returns {name of the field: (name in the storage, ticket)}.
    """
    back = {}
    storage = storages["private"]
    for field, ticket in request.POST.items():
        name = field.removesuffix(TICKET_FIELD_SUFFIX)
        is_ticket = name != field and f"{name}{DISCARD_FIELD_SUFFIX}" not in request.POST
        if not is_ticket or name in request.FILES or len(back) == MAX_KEPT_FILES:
            continue
        try:
            stored, original, media_type, *bound = signing.loads(
                ticket, salt=KEPT_UPLOAD_TICKET_SALT, max_age=KEPT_UPLOAD_RETENTION
            )
        except (signing.BadSignature, ValueError, TypeError):
            continue
        if bound != [request.user.pk, request.path] or not storage.exists(stored):
            continue
        request.FILES[name] = UploadedFile(
            storage.open(stored), original, media_type, storage.size(stored)
        )
        back[name] = stored, ticket
    return back


def _keep_uploads_of_forms(request, shown_forms) -> None:
    """Store the files of forms that are shown again, and let each say which it has."""
    for form in shown_forms:
        for name, field in form.fields.items():
            key = form.add_prefix(name)
            upload = request.FILES.get(key)
            is_wanted = isinstance(field, forms.FileField) and upload and name not in form.errors
            if is_wanted and upload.size <= MAX_KEPT_BYTES:
                if key not in request.kept_uploads:
                    if len(request.kept_uploads) == MAX_KEPT_FILES:
                        return
                    request.kept_uploads[key] = _store_with_ticket(request, upload)
                ticket = request.kept_uploads[key][1]
                field.widget = _widget_with_kept_file(field.widget, upload.name, ticket)


def _store_with_ticket(request, upload) -> tuple[str, str]:
    upload.seek(0)
    stored = storages["private"].save(f"{KEPT_UPLOADS_FOLDER}/{get_random_string(32)}", upload)
    values = [stored, upload.name, upload.content_type, request.user.pk, request.path]
    return stored, signing.dumps(values, salt=KEPT_UPLOAD_TICKET_SALT)


class _KeptFileWidgetMixin:
    """Mixin of the file input of a kept file."""

    def render(self, name, value, attrs=None, renderer=None):
        return format_html(
            '{}<span class="kept-file">{} (kept; choose another to replace it)'
            '<input type="hidden" name="{}" value="{}"> '
            '<label><input type="checkbox" name="{}"> leave it out</label></span>',
            super().render(name, value, attrs, renderer),
            self.kept_name,
            f"{name}{TICKET_FIELD_SUFFIX}",
            self.ticket,
            f"{name}{DISCARD_FIELD_SUFFIX}",
        )


def _widget_with_kept_file(widget, kept_name, ticket):
    """Return the widget with the name of the kept file and its ticket."""
    widget = copy(widget)
    widget.__class__ = type(
        f"Kept{type(widget).__name__}", (_KeptFileWidgetMixin, type(widget)), {}
    )
    widget.kept_name, widget.ticket = kept_name, ticket
    return widget
