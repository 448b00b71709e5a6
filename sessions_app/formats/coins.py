"""COinS: a session as an OpenURL in a span, by which reference managers read whole lists.

Source: OpenURL COinS 1.0. Zotero takes the type of the Dublin Core format for its own. A list has
many of them: the archive's name, the same in each, and `url_ver`, which may be left out, are not in
them.
"""

from urllib.parse import urlencode

from sessions_app.formats import citations


def coins_openurl(citation: citations.Citation) -> str:
    """Return the title of the span: the OpenURL of a session or recommendation."""
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rft.type", "presentation"),
        ("rft.title", citation.title),
        *(("rft.au", author.family_name_first) for author in citation.authors),
        ("rft.date", citation.held_on.isoformat() if citation.held_on else ""),
        ("rft.source", citation.container or citation.series),
        ("rft.language", citation.language),
        ("rft.identifier", citation.url),
    ]
    return urlencode([pair for pair in pairs if pair[1]], safe=":/,")
