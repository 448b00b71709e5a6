"""Uploaded files as pages: single files and ZIPs, read within bounds and never unpacked."""

import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext

from . import mhtml
from .page_text import MAX_PAGE_BYTES

PAGE_SUFFIXES = (".txt", ".html", ".htm", *mhtml.MHTML_SUFFIXES)
MAX_UPLOAD_REQUEST_BYTES = 50 * 1024 * 1024
MAX_PAGES_PER_UPLOAD = 500
MAX_ZIP_ENTRIES = 5000
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
_ZIP_END_SIGNATURE, _ZIP64_LOCATOR_SIGNATURE = b"PK\x05\x06", b"PK\x06\x07"
_MAX_ZIP_TAIL_BYTES = 65_557  # bytes: the end record with the longest possible comment
_DAMAGED_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    struct.error,
    ValueError,
    RuntimeError,
    UnicodeError,
)


class RefusedUploadError(ValueError):
    """The whole upload is refused; the message says why."""


@dataclass(frozen=True)
class UploadedPage:
    """One uploaded page, identified by the stem of its name."""

    name: str
    content: bytes

    @property
    def stem(self):
        return PurePosixPath(self.name).stem


@dataclass
class UnpackedUpload:
    uploads: list[UploadedPage] = field(default_factory=list)
    # Suffixes of files that are not pages: pictures, style sheets.
    left_aside: list[str] = field(default_factory=list)


def max_page_bytes(name: str) -> int:
    """Return how large a saved page of this name may be: one in a single file has its pictures."""
    return mhtml.MAX_MHTML_BYTES if name.lower().endswith(mhtml.MHTML_SUFFIXES) else MAX_PAGE_BYTES


def unpack_uploads(files: list[tuple[str, BinaryIO]]) -> UnpackedUpload:
    """Return the pages of uploaded files, (name, file) each; ZIPs are looked into.

    Raises RefusedUploadError for a file or ZIP that is damaged, too large or built to harm: then
    nothing of the upload counts.
    """
    unpacked = UnpackedUpload()
    remaining = MAX_UNPACKED_BYTES
    for name, file in files:
        name = PurePosixPath(name.replace("\\", "/")).name
        begin = file.read(4)
        file.seek(0)
        if begin in (b"PK\x03\x04", _ZIP_END_SIGNATURE):
            for upload in _pages_of_zip(name, file, remaining, unpacked.left_aside):
                unpacked.uploads.append(upload)
                remaining -= len(upload.content)
        elif name.lower().endswith(".zip"):
            raise RefusedUploadError(gettext("%(name)s is not a ZIP archive.") % {"name": name})
        else:
            most = max_page_bytes(name)
            content = file.read(most + 1)
            if len(content) > most:
                raise RefusedUploadError(
                    gettext("%(name)s is larger than %(size)s MB.")
                    % {"name": name, "size": most >> 20}
                )
            unpacked.uploads.append(UploadedPage(name, content))
            remaining -= len(content)
        if len(unpacked.uploads) > MAX_PAGES_PER_UPLOAD:
            raise RefusedUploadError(
                gettext("These are more than %(max_pages)s pages: upload them in several parts.")
                % {"max_pages": MAX_PAGES_PER_UPLOAD}
            )
        if remaining < 0:
            raise RefusedUploadError(
                gettext("Unpacked, these are more than %(size)s MB: upload them in several parts.")
                % {"size": MAX_UNPACKED_BYTES >> 20}
            )
    return unpacked


def _pages_of_zip(name, file, remaining, left_aside):
    """Yield the pages of a ZIP, one in memory at a time."""
    _refuse_long_zip_directory(name, file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            for entry in entries:
                _refuse_harmful_entry(name, entry)
            for entry in entries:
                path = PurePosixPath(entry.filename)
                if entry.is_dir() or "__MACOSX" in path.parts or path.name.startswith("."):
                    continue
                if path.suffix.lower() not in PAGE_SUFFIXES:
                    left_aside.append(entry.filename)
                    continue
                content = _entry_content_within_limit(name, archive, entry, remaining)
                remaining -= len(content)
                yield UploadedPage(_page_file_name(path), content)
    except NotImplementedError as error:
        raise RefusedUploadError(
            gettext("%(name)s uses a compression that cannot be read.") % {"name": name}
        ) from error
    except RefusedUploadError:
        raise
    except _DAMAGED_ZIP_ERRORS as error:
        raise RefusedUploadError(
            gettext("%(name)s is damaged or cut off: %(error)s.") % {"name": name, "error": error}
        ) from error


def _refuse_long_zip_directory(name, file):
    """Reject a central directory that is too long: the library would load all of it into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _MAX_ZIP_TAIL_BYTES))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_ZIP_END_SIGNATURE)
    if at < 0 or len(tail) - at < 22:
        raise RefusedUploadError(
            gettext("%(name)s is damaged or cut off: it has no table of contents.")
            % {"name": name}
        )
    entries, directory_bytes = struct.unpack("<HL", tail[at + 10 : at + 16])
    is_large = _ZIP64_LOCATOR_SIGNATURE in tail[max(0, at - 20) : at]
    if is_large or entries > MAX_ZIP_ENTRIES or directory_bytes > MAX_ZIP_ENTRIES * 400:
        raise RefusedUploadError(f"{name} holds more than {MAX_ZIP_ENTRIES:,} files.")


def _refuse_harmful_entry(name, entry):
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or entry.filename[1:2] == ":":
        raise RefusedUploadError(
            gettext("%(name)s contains a path outside itself: %(filename)s.")
            % {"name": name, "filename": entry.filename}
        )
    if entry.flag_bits & 0x1:
        raise RefusedUploadError(gettext("%(name)s is protected by a password.") % {"name": name})


def _entry_content_within_limit(name, archive, entry, remaining):
    limit = min(max_page_bytes(entry.filename), remaining)
    # The declared size may be wrong; count the bytes actually unpacked.
    with archive.open(entry) as packed:
        content = packed.read(limit + 1)
    if len(content) > limit:
        raise RefusedUploadError(
            gettext("%(name)s: %(filename)s unpacks to more than %(size)s MB.")
            % {"name": name, "filename": entry.filename, "size": limit >> 20}
        )
    return content


def _page_file_name(path):
    """Return the name of a page in a ZIP; `harbours/index.html` is named after its folder."""
    if path.stem.lower() == "index" and len(path.parts) > 1:
        return path.parent.name + path.suffix
    return path.name
