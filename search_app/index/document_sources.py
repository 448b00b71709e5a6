"""The document makers of the upper rooms, registered when their apps are ready."""

from .documents import DocumentSource

_makers: dict[str, DocumentSource] = {}


def register(maker: DocumentSource) -> DocumentSource:
    """Add a maker, or replace the one of the same kind; return it."""
    _makers[maker.kind] = maker
    return maker


def unregister(kind: str) -> None:
    """Take a maker away (tests); an unknown kind is ignored."""
    _makers.pop(kind, None)


def document_sources() -> dict[str, DocumentSource]:
    """Return a copy: {kind: maker}."""
    return dict(_makers)


def document_source(kind: str) -> DocumentSource:
    """Return the maker of `kind`; KeyError names the kinds there are."""
    try:
        return _makers[kind]
    except KeyError:
        raise KeyError(f"no documents of kind {kind!r}; there are {sorted(_makers)}") from None
