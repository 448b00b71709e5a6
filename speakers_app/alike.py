"""When two names may mean one person or body. Importing, entering and the desk share the rule."""

import unicodedata

from .names import is_initials

LOOKS_ALIKE = 90  # rapidfuzz ratio, percent; reported, never merged


def fold(text: str) -> str:
    """Return a name without case, accents, punctuation and a leading "The", for comparing."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    words = plain.replace("&", " and ").split()
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def compatible(one: str, other: str) -> bool:
    """Tell whether two given names may be the same: equal, or one the initials of the other."""
    if not one or not other:
        return True
    if fold(one) == fold(other):
        return True
    if not (is_initials(one) or is_initials(other)):
        first, second = fold(one).split(), fold(other).split()
        return first[:1] == second[:1] and (len(first) == 1 or len(second) == 1)
    pairs = zip(fold(one).split(), fold(other).split(), strict=False)
    return all(a[:1] == b[:1] for a, b in pairs)
