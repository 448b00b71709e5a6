"""The views that receive uploads in pieces, for access officers.

Source: tus resumable upload protocol 1.0.0, with the extensions creation, checksum and
termination. A GET, which the protocol does not define, returns the result of the final check.
"""

import base64
import hashlib
import hmac
import io

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext

from site_app.text.numbers import parse_whole_number

from ..models import RecordingUpload
from . import uploads

TUS_VERSION = "1.0.0"
PIECE_CONTENT_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH_STATUS = 460


def tus_response(status=200, **headers):
    response = HttpResponse(status=status)
    response["Tus-Resumable"] = TUS_VERSION
    response["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response[name.replace("_", "-")] = str(value)
    return response


def upload_refusal(status, words):
    response = tus_response(status)
    response["Content-Type"] = "text/plain; charset=utf-8"
    response.content = words
    return response


def create_upload(request, recording):
    """POST: start or resume an upload of Upload-Length bytes named in Upload-Metadata."""
    if request.method != "POST":
        return tus_response(405, Allow="POST")
    length = parse_whole_number(request.headers.get("Upload-Length", ""), minimum=0)
    if length is None:
        return upload_refusal(400, gettext("Upload-Length must give the number of bytes."))
    try:
        upload = uploads.resume_or_begin_upload(
            recording,
            name=parse_upload_metadata(request.headers.get("Upload-Metadata", "")).get(
                "filename", ""
            ),
            byte_count=length,
            user=request.user,
        )
    except ValidationError as error:
        return upload_refusal(413, " ".join(error.messages))
    address = reverse("admin:recordings_app_recording_piece", args=[recording.pk, upload.key])
    return tus_response(201, Location=address, Upload_Offset=upload.received)


def parse_upload_metadata(text: str) -> dict[str, str]:
    """Return the pairs of an Upload-Metadata header: "filename dGFsay5tcDM=,…"."""
    values = {}
    for pair in text.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            values[name] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except ValueError:
            continue
    return values


def upload_view(request, recording, key):
    """HEAD, PATCH, DELETE and GET of one upload."""
    upload = RecordingUpload.objects.filter(key=key, recording=recording).first()
    if upload is None:
        raise Http404
    if upload.created_by_id != request.user.pk:
        raise PermissionDenied(
            gettext("Another person started this upload; it can only continue in their browser.")
        )
    match request.method:
        case "HEAD":
            return tus_response(Upload_Offset=upload.received, Upload_Length=upload.byte_count)
        case "PATCH":
            return append_piece(request, upload)
        case "DELETE":
            uploads.delete_upload_and_pieces(upload)
            return tus_response(204)
        case "GET":
            found = {
                "state": upload.state,
                "received": upload.received,
                "byte_count": upload.byte_count,
                "message": upload.message,
            }
            return JsonResponse(found, headers={"Cache-Control": "no-store"})
    return tus_response(405, Allow="HEAD, PATCH, DELETE, GET")


def append_piece(request, upload):
    offset = parse_whole_number(request.headers.get("Upload-Offset", ""), minimum=0)
    length = parse_whole_number(request.headers.get("Content-Length", ""), minimum=0)
    if request.content_type != PIECE_CONTENT_TYPE:
        return upload_refusal(415, f"A piece is sent as {PIECE_CONTENT_TYPE}.")
    if offset is None or length is None:
        return upload_refusal(400, gettext("Upload-Offset and Content-Length must be numbers."))
    if length > uploads.MAX_PIECE_BYTES:
        return upload_refusal(413, f"A piece has at most {uploads.MAX_PIECE_BYTES} bytes.")
    try:
        content = read_body(request, length)
    except OSError:
        return upload_refusal(
            400, gettext("The connection broke; no part of this piece was kept.")
        )
    if len(content) != length:
        return upload_refusal(
            400, gettext("The piece is shorter than its Content-Length; no part of it was kept.")
        )
    if not matches_checksum(request.headers.get("Upload-Checksum", ""), content):
        return upload_refusal(
            CHECKSUM_MISMATCH_STATUS, gettext("The piece was damaged in transit; send it again.")
        )
    try:
        upload = uploads.store_piece(upload.key, offset, content)
    except uploads.WrongOffsetError as error:
        response = upload_refusal(409, str(error))
        response["Upload-Offset"] = error.received
        return response
    except ValidationError as error:
        return upload_refusal(413, " ".join(error.messages))
    return tus_response(204, Upload_Offset=upload.received)


def read_body(request, count: int) -> bytes:
    """Read `count` bytes of the body, and release it.

    A request is part of a reference cycle with its user and lives until a garbage collection; during an
    upload hundreds of them would each keep a piece in memory.
    """
    content = request.read(count)
    request.environ["wsgi.input"] = request._stream = io.BytesIO()
    return content


def matches_checksum(checksum: str, content: bytes) -> bool:
    """Compare with "sha256 <base64>"; a piece without a checksum passes, the whole is hashed anyway."""
    if not checksum:
        return True
    algorithm, _, value = checksum.partition(" ")
    if algorithm != "sha256":
        return False
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return hmac.compare_digest(digest.encode(), value.strip().encode("utf-8", "replace"))
