"""Stream private audio: from this process, by nginx, or from its storage bucket.

The caller has already checked `permissions`. Django streams in blocks, so that memory use does not
depend on the file; what nginx or the bucket streams is logged as requested, because only they know
what was sent.
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from recordings_app.models import AccessLog, Recording
from site_app.http.private_files import x_accel_redirect_value

from .access_log import log_access, log_bytes_sent
from .ranges import ByteSpan, UnsatisfiableRangeError, is_unchanged, requested_span

BLOCK_BYTES = 64 * 1024
# An audio element reads on while it plays and would occupy a thread all that time. It requests more
# by itself, and a server may send less than requested (RFC 9110, section 15.3.7).
MAX_MEDIA_ELEMENT_BYTES = 4 * 1024 * 1024


def audio_response(
    request, recording: Recording, *, grant=None, sitting=None, user=None, what="audio"
):
    """Return the audio, or the requested range, and log what is served.

    `user` is the member of staff who plays restricted audio. Raises Http404 if the file is missing from the storage.
    """
    size = recording.byte_count
    etag = f'"{recording.sha256[:32]}"'
    modified = recording.attached_at  # None for older rows; the ETag is enough
    response = _conditional_response(request, etag, modified) or _span_response(
        request, recording, size, etag, modified
    )
    response["ETag"] = etag
    if modified:
        response["Last-Modified"] = http_date(modified.timestamp())
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    # Never cached: the permission is checked on every request and may end.
    response["Cache-Control"] = "no-store"
    if request.method == "GET" and response.status_code in (200, 206, 302):
        # Logged before the first byte is sent, so that every access is recorded.
        entry = log_access(
            recording=recording,
            grant=grant,
            sitting=sitting,
            user=user,
            what=what,
            byte_count=getattr(response, "asked_for", 0),
        )
        if response.streaming:
            response.blocks.entry = entry
    return response


def _conditional_response(request, etag, modified):
    """Return 304 or 412 if the conditional headers require it, else None."""
    found = HttpResponse()
    seconds = int(modified.timestamp()) if modified else None
    answer = get_conditional_response(request, etag=etag, last_modified=seconds, response=found)
    return None if answer is found else answer


def _span_response(request, recording, size, etag, modified):
    header = request.headers.get("Range", "") if request.method == "GET" else ""
    if_range = request.headers.get("If-Range", "")
    if header and if_range and not is_unchanged(if_range, etag, modified):
        header = ""
    try:
        span = requested_span(header, size)
    except UnsatisfiableRangeError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    deliver = {"nginx": _response_by_nginx, "bucket": _redirect_to_bucket}.get(
        settings.PRIVATE_DELIVERY, _response_by_this_process
    )
    return deliver(request, recording, span)


def _response_by_this_process(request, recording, span):
    size = recording.byte_count
    is_element = request.headers.get("Sec-Fetch-Dest") in ("audio", "video")
    if span and is_element:
        span = ByteSpan(span.start, min(span.end, span.start + MAX_MEDIA_ELEMENT_BYTES - 1))
    given = span or ByteSpan(0, size - 1)
    headers = {"Content-Length": str(given.length)}
    if span:
        headers["Content-Range"] = span.content_range(size)
    status = 206 if span else 200
    content_type = recording.media_type
    if request.method == "HEAD":
        return HttpResponse(status=status, content_type=content_type, headers=headers)
    try:
        blocks = open_span(recording.file.name, given)
    except OSError as error:
        raise Http404 from error
    response = StreamingHttpResponse(
        blocks, status=status, content_type=content_type, headers=headers
    )
    response.blocks = blocks
    return response


class SpanBlocks:
    """Blocks of a range of a file; on close it closes the file and reports the bytes sent."""

    def __init__(self, file, length: int):
        self.file, self.left, self.sent = file, length, 0
        self.entry: AccessLog | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self.file.read(min(BLOCK_BYTES, self.left)) if self.left else b""
        if not block:
            raise StopIteration
        self.left -= len(block)
        self.sent += len(block)
        return block

    def close(self):
        self.file.close()
        if self.entry is not None:
            log_bytes_sent(self.entry, self.sent)


def open_span(name: str, span: ByteSpan) -> SpanBlocks:
    """Open a span of a private file; of a bucket only that span is fetched. Raises OSError."""
    private = storages["private"]
    if isinstance(private, FileSystemStorage):
        file = Path(private.path(name)).open("rb")  # noqa: SIM115 - closed with the response
        file.seek(span.start)
        return SpanBlocks(file, span.length)
    return SpanBlocks(_open_bucket_span(private, name, span), span.length)


def _open_bucket_span(private, name, span):
    # Only a site with a bucket has this package.
    from botocore.exceptions import BotoCoreError, ClientError

    key = private._normalize_name(name)
    try:
        stored = private.bucket.Object(key).get(Range=f"bytes={span.start}-{span.end}")
    except (BotoCoreError, ClientError) as error:
        raise OSError("The bucket did not return the audio.") from error
    return stored["Body"]


def _response_by_nginx(request, recording, span):
    """Let nginx send the file; it takes the range from the request itself."""
    address = x_accel_redirect_value(recording.file.name)
    if address is None:
        return _response_by_this_process(request, recording, span)
    response = HttpResponse(status=200, content_type=recording.media_type)
    response["X-Accel-Redirect"] = address
    response.asked_for = span.length if span else recording.byte_count
    return response


def _redirect_to_bucket(request, recording, span):
    """Redirect the reader to an address of the bucket that opens this file for a short time."""
    private = storages["private"]
    if isinstance(private, FileSystemStorage):
        return _response_by_this_process(request, recording, span)
    address = private.url(
        recording.file.name,
        parameters={"ResponseContentType": recording.media_type},
        expire=settings.PRIVATE_SIGNED_SECONDS,
        http_method=request.method,
    )
    response = HttpResponse(status=302, headers={"Location": address})
    response.asked_for = span.length if span else recording.byte_count
    return response
