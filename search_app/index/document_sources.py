"""The document sources of the other apps, which register them when they are ready."""

from .documents import DocumentSource

_sources_by_kind: dict[str, DocumentSource] = {}


def register_document_source(source: DocumentSource) -> DocumentSource:
    """Add a source, or replace the one of the same kind; return it."""
    _sources_by_kind[source.kind] = source
    return source


def unregister_document_source(kind: str) -> None:
    """Remove a source (tests); an unknown kind is ignored."""
    _sources_by_kind.pop(kind, None)


def document_sources() -> dict[str, DocumentSource]:
    """Return a copy: {kind: source}."""
    return dict(_sources_by_kind)


def document_source(kind: str) -> DocumentSource:
    """Return the source of `kind`; KeyError names the kinds there are."""
    try:
        return _sources_by_kind[kind]
    except KeyError:
        raise KeyError(
            f"no documents of kind {kind!r}; there are {sorted(_sources_by_kind)}"
        ) from None
