"""What staff upload as documents: the type is told by content, never by name."""

import codecs
import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from anyascii import anyascii
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from PIL import Image, UnidentifiedImageError

SUFFIXES = {
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
TYPES = {suffix: media_type for media_type, suffix in SUFFIXES.items()}
ALLOWED = "PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TXT, PNG and JPEG"
OOXML_PARTS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
CHUNK = 256 * 1024
NAME_LENGTH = 80
# C0 controls that no text has; tab, line ends and form feed it may have.
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*(<[a-z!?/]|\{\\rtf|%!PS)", re.I)


@dataclass(frozen=True)
class Inspection:
    """What is stored about an accepted file."""

    name: str
    media_type: str
    byte_count: int
    sha256: str


def inspect(upload) -> Inspection:
    """Return what a file is, by its content; `upload` has `name` and `size` and can seek.

    Leaves the position at the start. Raises ValidationError, worded for the uploader, for an
    empty or too large file and for every type that is not on the list.
    """
    limit = settings.DOCUMENT_MAX_BYTES
    if upload.size > limit:
        raise ValidationError(
            f"The file has {filesizeformat(upload.size)}; "
            f"at most {filesizeformat(limit)} are allowed."
        )
    digest = hashlib.sha256()
    for chunk in chunks(upload):
        digest.update(chunk)
    media_type = media_type_of(upload)
    upload.seek(0)
    if media_type is None:
        raise ValidationError(
            f"This file is none of the types that can be published: {ALLOWED}. "
            "What counts is its content, not its name."
        )
    return Inspection(
        name=safe_name(upload.name, media_type),
        media_type=media_type,
        byte_count=upload.size,
        sha256=digest.hexdigest(),
    )


def chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def media_type_of(file: BinaryIO) -> str | None:
    """Return the media type on the list that the content is, or None."""
    file.seek(0)
    start = file.read(1024)
    if start.startswith(b"%PDF-"):
        return TYPES["pdf"]
    if start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return picture_type(file)
    if start.startswith(b"PK\x03\x04"):
        return package_type(file)
    return TYPES["txt"] if is_plain_text(file) else None


def picture_type(file: BinaryIO) -> str | None:
    file.seek(0)
    try:
        with Image.open(file, formats=("PNG", "JPEG")) as picture:
            picture.verify()
            return Image.MIME[picture.format]
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError):
        return None


def package_type(file: BinaryIO) -> str | None:
    """Tell office packages apart by what the archive holds; one with macros is none of ours.

    Sources: ECMA-376 part 2 (Open Packaging Conventions), OpenDocument 1.3 part 2 (section 3.3).
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as package:
            names = set(package.namelist())
            if "mimetype" in names:
                with package.open("mimetype") as member:
                    declared = member.read(200).decode("ascii", "replace").strip()
                return declared if declared in SUFFIXES else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(
        name.endswith("vbaProject.bin") for name in names
    ):
        return None
    found = [TYPES[suffix] for part, suffix in OOXML_PARTS.items() if part in names]
    return found[0] if len(found) == 1 else None


def is_plain_text(file: BinaryIO) -> bool:
    """UTF-8 without control characters that does not begin like markup or a program for printers."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    is_start = True
    try:
        for chunk in chunks(file):
            text = decoder.decode(chunk)
            if _CONTROL.search(text) or (is_start and _MARKUP.match(text)):
                return False
            is_start = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not is_start


def safe_name(name: str, media_type: str) -> str:
    """Return a plain ASCII file name whose ending says what the content is.

    "../Резюме (final).PDF.exe" of a PDF gives "Rezyume-final.PDF.pdf".
    """
    last = anyascii(name.replace("\\", "/").rsplit("/", 1)[-1])
    stem = last.rpartition(".")[0] or last
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem)
    stem = re.sub(r"-*\.[.-]*", ".", stem).strip("-._")[:NAME_LENGTH].rstrip("-._")
    return f"{stem or 'document'}.{SUFFIXES[media_type]}"
