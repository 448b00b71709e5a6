"""Office documents, recognised by their members; those that contain programs are refused.

Sources: ECMA-376 part 2 (Open Packaging Conventions), OpenDocument 1.3 part 2 (section 3).
"""

import io
import re
import zipfile
from typing import BinaryIO
from xml.etree import ElementTree

from site_app.spreadsheets.xml_parts import has_document_type

OOXML = "application/vnd.openxmlformats-officedocument."
# Content type of the main part: media type of the file.
MAIN_PARTS = {
    f"{OOXML}wordprocessingml.document.main+xml": f"{OOXML}wordprocessingml.document",
    f"{OOXML}spreadsheetml.sheet.main+xml": f"{OOXML}spreadsheetml.sheet",
    f"{OOXML}presentationml.presentation.main+xml": f"{OOXML}presentationml.presentation",
}
ODF = "application/vnd.oasis.opendocument."
ODF_TYPES = {f"{ODF}{kind}" for kind in ("text", "spreadsheet", "presentation")}
ODF_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
ODF_SCRIPT = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}script"
MAX_PARTS = 20_000
MAX_INDEX = 8 * 1024 * 1024  # bytes of a part parsed as XML
# Content types, relationship types and part names, in lower case.
PROGRAMS = re.compile(
    r"macroenabled|vbaproject|vbadata|\.vba\b|macrosheet|activex|oleobject"
    r"|^basic/|^scripts/|/basic/|\.(?:exe|dll|scr|js|vbs|bat|cmd|ps1|jar|com)$"
)
COMPOUND, EXECUTABLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ"


class ProgramsError(ValueError):
    """The document has macros or embedded programs."""


def package_type(file: BinaryIO) -> str | None:
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
            media_type = _opendocument(package) if "mimetype" in names else _ooxml(package)
            if media_type:
                _refuse_programs(package, parts)
            return media_type
    except ProgramsError:
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


def _ooxml(package) -> str | None:
    types = _xml(package, "[Content_Types].xml")
    declared = {
        part.get("PartName", "").lstrip("/"): part.get("ContentType", "") for part in types
    }
    _refuse_words(part.get("ContentType", "") for part in types)
    for name in package.namelist():
        if name.endswith(".rels"):
            relations = _xml(package, name)
            _refuse_words(relation.get("Type", "") for relation in relations)
    names = set(package.namelist())
    mains = {kind for name, kind in declared.items() if kind in MAIN_PARTS and name in names}
    return MAIN_PARTS[mains.pop()] if len(mains) == 1 else None


def _opendocument(package) -> str | None:
    with package.open("mimetype") as member:
        declared = member.read(200).decode("ascii", "replace").strip()
    if declared not in ODF_TYPES or "content.xml" not in package.namelist():
        return None
    entries = {
        entry.get(f"{ODF_MANIFEST}full-path", ""): entry.get(f"{ODF_MANIFEST}media-type", "")
        for entry in _xml(package, "META-INF/manifest.xml")
    }
    if entries.get("/") != declared:
        return None
    _refuse_words(entries)
    _refuse_words(entries.values())
    if "application/vnd.sun.star.oleobject" in entries.values():
        raise ProgramsError
    with package.open("content.xml") as content:
        if has_document_type(content):
            return None
    with package.open("content.xml") as content:
        for _event, element in ElementTree.iterparse(content, ["start"]):  # noqa: S314 - likewise
            if element.tag == ODF_SCRIPT:
                raise ProgramsError
            if element.tag.endswith("}body"):  # scripts come before the body
                break
    return declared


def _xml(package, name) -> ElementTree.Element:
    """Return the root of a part. Raises ValueError for one too large or with a document type."""
    if package.getinfo(name).file_size > MAX_INDEX:
        raise ValueError(name)
    content = package.read(name)
    if has_document_type(io.BytesIO(content)):
        raise ValueError(name)
    return ElementTree.fromstring(content)  # noqa: S314 - no entities without a document type


def _refuse_programs(package, parts):
    _refuse_words(part.filename for part in parts)
    for part in parts:
        with package.open(part) as member:
            start = member.read(8)
        if start == COMPOUND or start.startswith(EXECUTABLE):
            raise ProgramsError


def _refuse_words(words):
    if any(PROGRAMS.search(word.lower()) for word in words):
        raise ProgramsError
