"""Office documents, recognised by their members; those that contain programs are refused.

Sources: ECMA-376 part 2 (Open Packaging Conventions), OpenDocument 1.3 part 2 (section 3).
"""

import io
import re
import zipfile
from typing import BinaryIO
from xml.etree import ElementTree

from site_app.spreadsheets.xml_parts import has_document_type

OOXML_TYPE_PREFIX = "application/vnd.openxmlformats-officedocument."
# Content type of the main part: media type of the file.
MEDIA_TYPE_BY_MAIN_PART_TYPE = {
    f"{OOXML_TYPE_PREFIX}wordprocessingml.document.main+xml": f"{OOXML_TYPE_PREFIX}wordprocessingml.document",
    f"{OOXML_TYPE_PREFIX}spreadsheetml.sheet.main+xml": f"{OOXML_TYPE_PREFIX}spreadsheetml.sheet",
    f"{OOXML_TYPE_PREFIX}presentationml.presentation.main+xml": f"{OOXML_TYPE_PREFIX}presentationml.presentation",
}
ODF_TYPE_PREFIX = "application/vnd.oasis.opendocument."
ALLOWED_ODF_MEDIA_TYPES = {
    f"{ODF_TYPE_PREFIX}{kind}" for kind in ("text", "spreadsheet", "presentation")
}
ODF_MANIFEST_NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
ODF_SCRIPT_TAG = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}script"
MAX_PARTS = 20_000
MAX_XML_PART_BYTES = 8 * 1024 * 1024  # bytes of a part parsed as XML
# Content types, relationship types and part names, in lower case.
PROGRAM_NAME_PATTERN = re.compile(
    r"macroenabled|vbaproject|vbadata|\.vba\b|macrosheet|activex|oleobject"
    r"|^basic/|^scripts/|/basic/|\.(?:exe|dll|scr|js|vbs|bat|cmd|ps1|jar|com)$"
)
COMPOUND, EXECUTABLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ"


class EmbeddedProgramError(ValueError):
    """The document has macros or embedded programs."""


def detect_office_media_type(file: BinaryIO) -> str | None:
    """Return the media type of an office document, None for another archive or a broken one.

    Raises ProgramsError for one with macros, controls or embedded binary objects, whatever their
    parts are called.
    """
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    start = file.read(1024)
    file.seek(max(0, size - 22))
    # The archive must fill the file: no data before or after it.
    if b"%PDF-" in start or not file.read().startswith(b"PK\x05\x06"):
        return None
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.infolist()
            names = [part.filename for part in parts]
            is_whole = min((part.header_offset for part in parts), default=1) == 0
            if not is_whole or len(parts) > MAX_PARTS or len(set(names)) < len(names):
                return None
            if any(part.flag_bits & 1 for part in parts):
                return None  # encrypted: the content cannot be checked
            media_type = (
                _detect_opendocument_type(package)
                if "mimetype" in names
                else _detect_ooxml_type(package)
            )
            if media_type:
                _refuse_parts_with_programs(package, parts)
            return media_type
    except EmbeddedProgramError:
        raise
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        LookupError,
    ):
        return None


def _detect_ooxml_type(package) -> str | None:
    types = _parse_xml_part(package, "[Content_Types].xml")
    declared = {
        part.get("PartName", "").lstrip("/"): part.get("ContentType", "") for part in types
    }
    _refuse_program_names(part.get("ContentType", "") for part in types)
    for name in package.namelist():
        if name.endswith(".rels"):
            relations = _parse_xml_part(package, name)
            _refuse_program_names(relation.get("Type", "") for relation in relations)
    names = set(package.namelist())
    mains = {
        kind
        for name, kind in declared.items()
        if kind in MEDIA_TYPE_BY_MAIN_PART_TYPE and name in names
    }
    return MEDIA_TYPE_BY_MAIN_PART_TYPE[mains.pop()] if len(mains) == 1 else None


def _detect_opendocument_type(package) -> str | None:
    with package.open("mimetype") as member:
        declared = member.read(200).decode("ascii", "replace").strip()
    if declared not in ALLOWED_ODF_MEDIA_TYPES or "content.xml" not in package.namelist():
        return None
    entries = {
        entry.get(f"{ODF_MANIFEST_NAMESPACE}full-path", ""): entry.get(
            f"{ODF_MANIFEST_NAMESPACE}media-type", ""
        )
        for entry in _parse_xml_part(package, "META-INF/manifest.xml")
    }
    if entries.get("/") != declared:
        return None
    _refuse_program_names(entries)
    _refuse_program_names(entries.values())
    if "application/vnd.sun.star.oleobject" in entries.values():
        raise EmbeddedProgramError
    with package.open("content.xml") as content:
        if has_document_type(content):
            return None
    with package.open("content.xml") as content:
        for _event, element in ElementTree.iterparse(content, ["start"]):  # noqa: S314 - likewise
            if element.tag == ODF_SCRIPT_TAG:
                raise EmbeddedProgramError
            if element.tag.endswith("}body"):  # scripts come before the body
                break
    return declared


def _parse_xml_part(package, name) -> ElementTree.Element:
    """Return the root of a part. Raises ValueError for one too large or with a document type."""
    if package.getinfo(name).file_size > MAX_XML_PART_BYTES:
        raise ValueError(name)
    content = package.read(name)
    if has_document_type(io.BytesIO(content)):
        raise ValueError(name)
    return ElementTree.fromstring(content)  # noqa: S314 - no entities without a document type


def _refuse_parts_with_programs(package, parts):
    _refuse_program_names(part.filename for part in parts)
    for part in parts:
        with package.open(part) as member:
            start = member.read(8)
        if start == COMPOUND or start.startswith(EXECUTABLE):
            raise EmbeddedProgramError


def _refuse_program_names(words):
    if any(PROGRAM_NAME_PATTERN.search(word.lower()) for word in words):
        raise EmbeddedProgramError
