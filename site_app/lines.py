"""Text for one line: of a header, a name, a subject."""

import unicodedata

# They turn the direction of what follows: a name could end a line of somebody else's text.
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """Return `text` on one line, without control characters, white space folded."""
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or (unicodedata.category(character) != "Cc" and character not in _BIDI)
    )
    return " ".join("".join(kept).split())
