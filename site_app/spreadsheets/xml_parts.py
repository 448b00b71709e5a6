"""Detects a document type in untrusted XML, the only place where entities can be declared."""

from typing import BinaryIO
from xml.parsers import expat

CHUNK_BYTES = 64 * 1024


class _DocumentTypeDecidedError(Exception):
    """Ends the parsing: `args` says whether there was a document type before the first element."""


def has_document_type(file: BinaryIO) -> bool:
    """Tell whether an XML file declares a document type, whatever its encoding is and what precedes.

    Reads to the first element and no further. What is not XML has none: Python's parsers, which
    are built on the same one, read it no further than it was read here.
    """

    def stop_with(is_declared):
        def handler(*arguments):
            raise _DocumentTypeDecidedError(is_declared)

        return handler

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = stop_with(True)
    parser.StartElementHandler = stop_with(False)
    try:
        while chunk := file.read(CHUNK_BYTES):
            parser.Parse(chunk)
    except _DocumentTypeDecidedError as end:
        return end.args[0]
    except (expat.ExpatError, LookupError, ValueError):
        return False
    return False
