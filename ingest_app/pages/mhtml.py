"""A web page that a browser saved as a single file (MHTML) → the HTML it was made of.

Only headers go through the parser of mail, and only the page's own part is decoded: pictures and
styles are stepped over, and nothing comes out larger than it went in.
"""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from quopri import decodestring

from django.utils.translation import gettext

MHTML_SUFFIXES = (".mhtml", ".mht")
MAX_MHTML_BYTES = 25 * 1024 * 1024  # including pictures
_MAX_HEADER_BYTES = 16 * 1024
_MAX_PARTS = 2000
_MAX_PART_DEPTH = 3  # nested parts; browsers write one level
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_HEADER_LINES = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+"
)
_MIME_VERSION_HEADER = re.compile(rb"^mime-version\s*:", re.I | re.M)
_MULTIPART_OR_HTML_HEADER = re.compile(
    rb"^content-type\s*:\s*(?:multipart/|text/html)", re.I | re.M
)


class DamagedPageError(ValueError):
    """The file cannot be read as a saved page; the message says why."""


@dataclass(frozen=True)
class SavedPage:
    """The bytes of the page, the encoding that the file names for them, and its address, or ""."""

    content: bytes
    charset: str
    address: str


def is_mhtml(content: bytes) -> bool:
    """Return whether a file begins with the headers of an MHTML page."""
    headers = _HEADER_LINES.match(content, 0, 8192)
    return bool(
        headers
        and _MIME_VERSION_HEADER.search(headers[0])
        and _MULTIPART_OR_HTML_HEADER.search(headers[0])
    )


def read_mhtml(content: bytes) -> SavedPage:
    """Return the first page in the file, which precedes those of its frames. Raises DamagedPageError."""
    if len(content) > MAX_MHTML_BYTES:
        raise DamagedPageError(
            gettext("The file is larger than %(size)s MB.") % {"size": MAX_MHTML_BYTES >> 20}
        )
    page = _first_html_part(content, 0, len(content), _MAX_PART_DEPTH)
    if page is None:
        raise DamagedPageError(gettext("The file contains no HTML page."))
    headers, body = page
    whole, _ = _headers_and_body_start(content, 0, len(content))
    address = headers.get("Content-Location") or whole.get("Snapshot-Content-Location") or ""
    charset = headers.get_content_charset("")
    return SavedPage(_decoded_body(headers, body), charset, "".join(str(address).split()))


def _first_html_part(content, start, end, depth) -> tuple[Message, bytes] | None:
    """Return (headers, body) of the first page within these bytes, None if there is none."""
    headers, body = _headers_and_body_start(content, start, end)
    if headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        return headers, content[body:end]
    if headers.get_content_maintype() != "multipart":
        return None
    if not depth:
        raise DamagedPageError(
            gettext("The file has parts within parts, as no browser writes them.")
        )
    for part in _part_spans(content, body, end, headers):
        if found := _first_html_part(content, *part, depth - 1):
            return found
    return None


def _headers_and_body_start(content, start, end) -> tuple[Message, int]:
    """Return the headers of a part and where its body begins."""
    match = _END_OF_HEADERS.search(content, start, min(end, start + _MAX_HEADER_BYTES))
    if match is None:
        raise DamagedPageError(
            gettext("The file is damaged or cut off: the headers of a part have no end.")
        )
    return BytesHeaderParser().parsebytes(content[start : match.end()]), match.end()


def _part_spans(content, start, end, headers) -> list[tuple[int, int]]:
    """Return (start, end) of each part between the boundaries that the headers announce."""
    boundary = str(headers.get_boundary() or "").encode("ascii", "replace")
    if not boundary or len(boundary) > 200:
        raise DamagedPageError(gettext("The file does not say where its parts begin."))
    line = re.compile(rb"\r?\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    parts: list[tuple[int, int]] = []
    begin = None
    # Start one byte before the body, so that the boundary can be its first line.
    for match in line.finditer(content, start - 1, end):
        if begin is not None:
            parts.append((begin, match.start()))
        if match[1]:
            return parts
        begin = content.find(b"\n", match.end()) + 1
        if len(parts) > _MAX_PARTS:
            raise DamagedPageError(f"The file has more than {_MAX_PARTS:,} parts.")
    raise DamagedPageError(gettext("The file is cut off: its last part has no end."))


def _decoded_body(headers, body):
    encoding = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "quoted-printable":
        return decodestring(body)
    if encoding == "base64":
        try:
            return b64decode(body.translate(None, b" \t\r\n"), validate=True)
        except binascii.Error:
            raise DamagedPageError(
                gettext("The file is damaged: its page is no base64.")
            ) from None
    if encoding in ("", "7bit", "8bit", "binary"):
        return body
    raise DamagedPageError(
        gettext("The page is packed as %(encoding)s, which cannot be read.")
        % {"encoding": encoding[:40]}
    )
