"""Limits on request bodies and file uploads, checked before the body is read.

Django parses a whole form, including its files, to find the CSRF token. Without an earlier limit,
anyone could fill the disk. URLs not listed below accept only small bodies without files, so that a new
URL is safe by default.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from ingest_app.admin.run_forms import MAX_UPLOAD_BYTES as MAX_EXPORT_BYTES
from ingest_app.pages.uploads import MAX_UPLOAD_REQUEST_BYTES as MAX_PAGES_BYTES
from recordings_app.audio.uploads import MAX_PIECE_BYTES
from site_app.http import refusals
from site_app.pictures.images import MAX_PICTURE_BYTES as MAX_PICTURE_BYTES
from site_app.spreadsheets.formats import MAX_FILE_BYTES as MAX_SHEET_BYTES

# The longest message of a form, with every character percent-encoded, is about 120 KB.
MAX_BODY_BYTES = 150 * 1024
# The text of a staff form, without its files.
MAX_TEXT_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
MAX_DOCUMENTS_BYTES = 4 * settings.DOCUMENT_MAX_BYTES  # of one session, sent at once

# Between gateway and middleware: the environ key with which the gateway requests the limit (its
# value is the declared length or None), and the response header with the limit in bytes.
PREFLIGHT = "archive.declared_length"
LIMIT_HEADER = "Body-Limit"


@dataclass(frozen=True)
class Upload:
    """The limits of an admin URL: total size of files, and the permission needed."""

    max_bytes: int  # of the files
    permissions: tuple[str, ...]


def _record_form_uploads(name: str, max_bytes: int) -> dict[str, Upload]:
    """Return the rules for adding and changing records of a model ("app.model")."""
    app, model = name.split(".")
    return {
        f"admin:{app}_{model}_{action}": Upload(max_bytes, (f"{app}.{action}_{model}",))
        for action in ("add", "change")
    }


def _spreadsheet_upload(name: str) -> dict[str, Upload]:
    """Return the rule for the spreadsheets of a model ("app.model")."""
    app, model = name.split(".")
    rights = tuple(f"{app}.{action}_{model}" for action in ("add", "change"))
    return {f"admin:{app}_{model}_import": Upload(MAX_SHEET_BYTES, rights)}


UPLOADS = {
    **_record_form_uploads("sessions_app.session", MAX_DOCUMENTS_BYTES),
    **_record_form_uploads("speakers_app.speaker", MAX_PICTURE_BYTES),
    **_record_form_uploads("speakers_app.organisation", MAX_PICTURE_BYTES),
    "admin:recordings_app_recording_change": Upload(
        settings.RECORDING_MAX_BYTES, ("recordings_app.change_recording",)
    ),
    "admin:recordings_app_recording_piece": Upload(
        MAX_PIECE_BYTES, ("recordings_app.change_recording",)
    ),
    "admin:ingest_app_incomingpage_add": Upload(MAX_PAGES_BYTES, ("sessions_app.add_session",)),
    "admin:ingest_app_importrun_add": Upload(2 * MAX_EXPORT_BYTES, ("ingest_app.add_importrun",)),
    **_spreadsheet_upload("sessions_app.session"),
    **_spreadsheet_upload("sessions_app.series"),
    **_spreadsheet_upload("sessions_app.topic"),
    **_spreadsheet_upload("sessions_app.region"),
    **_spreadsheet_upload("sessions_app.appearance"),
    **_spreadsheet_upload("sessions_app.recommendation"),
    **_spreadsheet_upload("speakers_app.speaker"),
    **_spreadsheet_upload("speakers_app.organisation"),
}


class RefusingUploadHandler(FileUploadHandler):
    """An upload handler for URLs and users that may not send files."""

    def new_file(self, *args, **kwargs):
        if is_admin_request(self.request) and not is_staff(self.request):
            # Their login may have expired while they typed; the form with their input is still
            # shown again.
            self.request.has_left_out_files = True
            raise SkipFile
        raise SuspiciousOperation(gettext("A file was sent to a form that does not take files."))

    def receive_data_chunk(self, raw_data, start):
        return None

    def file_complete(self, file_size):
        return None


class BodyLimitMiddleware:
    """Refuse a body that is too large for its URL or user. Must come before the CSRF check."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        environ = request.META
        length = environ.get("CONTENT_LENGTH") or ""
        is_asked = PREFLIGHT in environ
        if is_asked:
            length = environ[PREFLIGHT]
        elif not length and "HTTP_TRANSFER_ENCODING" in environ:
            return body_refusal(
                request, 411, gettext("Nothing was stored: the request does not state its length.")
            )
        size = int(length) if str(length).isdecimal() else 0
        upload, limit = upload_and_limit(request)
        if size > limit:
            return self.refuse(request, limit)
        if is_asked:
            return HttpResponse(status=204, headers={LIMIT_HEADER: str(limit)})
        if upload is None:
            request.upload_handlers = [RefusingUploadHandler(request)]
        return self.get_response(request)

    def refuse(self, request, limit):
        if is_admin_request(request) and not is_staff(request):
            return body_refusal(
                request,
                403,
                "Log in in another tab first, then come back to this one and send the form again. "
                "You will only have to choose the files again.",
            )
        if (
            is_admin_request(request)
            and limit <= MAX_TEXT_BYTES
            and uploads_of(request) is not None
        ):
            return body_refusal(request, 403, "You may not send files to this page.")
        most = filesizeformat(limit)
        return body_refusal(
            request,
            413,
            gettext("What you sent is larger than %(size)s. Nothing was stored.") % {"size": most},
        )


def upload_and_limit(request) -> tuple[Upload | None, int]:
    """Return what files this request may carry (None: no files) and its limit in bytes."""
    if not is_admin_request(request) or not is_staff(request):
        return None, MAX_BODY_BYTES
    upload = uploads_of(request)
    if upload is None or not request.user.has_perms(upload.permissions):
        return None, MAX_TEXT_BYTES
    return upload, upload.max_bytes + MAX_TEXT_BYTES


def uploads_of(request) -> Upload | None:
    try:
        return UPLOADS.get(resolve(request.path_info).view_name)
    except Resolver404:
        return None


def is_admin_request(request) -> bool:
    return request.path_info.startswith("/admin/")


def is_staff(request) -> bool:
    return request.user.is_active and request.user.is_staff


def body_refusal(request, status: int, sentence: str) -> HttpResponse:
    """Answer with one sentence, as a page for browsers."""
    if "text/html" in request.headers.get("Accept", ""):
        content = render_to_string("refused_body.html", {"sentence": sentence})
        response = HttpResponse(content, status=status)
    else:
        response = HttpResponse(
            sentence + "\n", status=status, content_type="text/plain; charset=utf-8"
        )
    return refusals.logged_refusal(response, refusals.BODY_NOT_ALLOWED_OR_TOO_LARGE)
