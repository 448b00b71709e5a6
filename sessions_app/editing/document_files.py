"""Uploaded documents: the type is determined by content, never by name."""

import codecs
import hashlib
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from anyascii import anyascii
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, gettext_lazy
from PIL import Image, UnidentifiedImageError

from site_app.pictures.images import check_picture_size

from .office_packages import EmbeddedProgramError, detect_office_media_type

SUFFIX_BY_MEDIA_TYPE = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "image/png": "png",
    "image/jpeg": "jpg",
    "text/plain": "txt",
}
MEDIA_TYPE_BY_SUFFIX = {suffix: media_type for media_type, suffix in SUFFIX_BY_MEDIA_TYPE.items()}
ALLOWED_TYPES_IN_WORDS = gettext_lazy("PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT, PNG and JPEG")
CHUNK_BYTES = 256 * 1024
MAX_STEM_CHARACTERS = 80
# C0 control characters that text files do not contain; tab, line breaks and form feed are allowed.
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP_AT_START = re.compile(r"\s*(<[a-z!?/]|\{\\rtf|%!PS)", re.I)


@dataclass(frozen=True)
class UploadInspection:
    """What is stored about an accepted file."""

    name: str
    media_type: str
    byte_count: int
    sha256: str


def inspect_upload(upload) -> UploadInspection:
    """Return what a file is, by its content; `upload` has `name` and `size` and can seek.

    Leaves the position at the start. Raises ValidationError, worded for the uploader, for an
    empty or too large file, for every type that is not on the list, and for one with macros.
    """
    limit = settings.DOCUMENT_MAX_BYTES
    if upload.size > limit:
        raise ValidationError(
            gettext("The file has %(size)s; at most %(limit)s are allowed.")
            % {"size": filesizeformat(upload.size), "limit": filesizeformat(limit)}
        )
    digest = hashlib.sha256()
    for chunk in read_in_chunks(upload):
        digest.update(chunk)
    try:
        media_type = detect_media_type(upload)
    except EmbeddedProgramError as error:
        raise ValidationError(
            gettext(
                "This file has macros or embedded objects, which may be programs. "
                "Save it without them, or as PDF."
            )
        ) from error
    finally:
        upload.seek(0)
    if media_type is None:
        raise ValidationError(
            gettext(
                "This type of file cannot be published. Use %(allowed)s. The content counts, "
                "not the name."
            )
            % {"allowed": ALLOWED_TYPES_IN_WORDS}
        )
    return UploadInspection(
        name=safe_filename(upload.name, media_type),
        media_type=media_type,
        byte_count=upload.size,
        sha256=digest.hexdigest(),
    )


def read_in_chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def detect_media_type(file: BinaryIO) -> str | None:
    """Return the media type on the list that the content is and nothing else, or None.

    Raises ProgramsError for an office document with macros or embedded binary objects.
    """
    file.seek(0)
    start = file.read(1024)
    if start.startswith(b"PK\x03\x04"):
        return detect_office_media_type(file)
    if start.startswith((b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        if is_also_zip_archive(file):
            return None
        return (
            MEDIA_TYPE_BY_SUFFIX["pdf"]
            if start.startswith(b"%PDF-")
            else detect_picture_type(file)
        )
    return MEDIA_TYPE_BY_SUFFIX["txt"] if is_plain_text(file) else None


def detect_picture_type(file: BinaryIO) -> str | None:
    """Return the media type of a picture that can be decoded to its end, or None.

    Raises ValidationError for more pixels than decoding may cost.
    """
    file.seek(0)
    try:
        with Image.open(file, formats=("PNG", "JPEG")) as picture:
            media_type = Image.MIME[picture.format]
            check_picture_size(picture.width, picture.height)
            # Draft mode decodes a JPEG at a reduced size, which reads all of its data but needs
            # little memory.
            picture.draft(None, (picture.width // 8 or 1, picture.height // 8 or 1))
            picture.load()
            return media_type
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        struct.error,
    ):
        return None


def is_also_zip_archive(file: BinaryIO) -> bool:
    """Return whether a file of another type is also a ZIP archive with members."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return False


def is_plain_text(file: BinaryIO) -> bool:
    """UTF-8 without control characters that does not begin like markup or a program for printers."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    is_start = True
    try:
        for chunk in read_in_chunks(file):
            text = decoder.decode(chunk)
            if _CONTROL_CHARACTERS.search(text) or (is_start and _MARKUP_AT_START.match(text)):
                return False
            is_start = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not is_start


def safe_filename(name: str, media_type: str) -> str:
    """Return a plain ASCII file name whose ending says what the content is.

    "../Резюме (final).PDF.exe" of a PDF gives "Rezyume-final.PDF.pdf".
    """
    last = anyascii(name.replace("\\", "/").rsplit("/", 1)[-1])
    stem = last.rpartition(".")[0] or last
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem)
    stem = re.sub(r"-*\.[.-]*", ".", stem).strip("-._")[:MAX_STEM_CHARACTERS].rstrip("-._")
    return f"{stem or 'document'}.{SUFFIX_BY_MEDIA_TYPE[media_type]}"
