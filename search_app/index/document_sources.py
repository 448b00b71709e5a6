"""The document sources of the other apps, which register them when they are ready."""

from .documents import DocumentSource

_sources: dict[str, DocumentSource] = {}


def register(source: DocumentSource) -> DocumentSource:
    """Add a source, or replace the one of the same kind; return it."""
    _sources[source.kind] = source
    return source


def unregister(kind: str) -> None:
    """Remove a source (tests); an unknown kind is ignored."""
    _sources.pop(kind, None)


def document_sources() -> dict[str, DocumentSource]:
    """Return a copy: {kind: source}."""
    return dict(_sources)


def document_source(kind: str) -> DocumentSource:
    """Return the source of `kind`; KeyError names the kinds there are."""
    try:
        return _sources[kind]
    except KeyError:
        raise KeyError(f"no documents of kind {kind!r}; there are {sorted(_sources)}") from None
