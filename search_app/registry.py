"""The document makers of the upper rooms, registered when their apps are ready."""

from .documents import DocumentMaker

_makers: dict[str, DocumentMaker] = {}


def register(maker: DocumentMaker) -> DocumentMaker:
    """Add a maker, or replace the one of the same kind; return it."""
    _makers[maker.kind] = maker
    return maker


def unregister(kind: str) -> None:
    """Take a maker away (tests); an unknown kind is ignored."""
    _makers.pop(kind, None)


def makers() -> dict[str, DocumentMaker]:
    """Return a copy: {kind: maker}."""
    return dict(_makers)


def maker(kind: str) -> DocumentMaker:
    """Return the maker of `kind`; KeyError names the kinds there are."""
    try:
        return _makers[kind]
    except KeyError:
        raise KeyError(f"no documents of kind {kind!r}; there are {sorted(_makers)}") from None
