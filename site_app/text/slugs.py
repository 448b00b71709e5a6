"""Slugs: transliterated ASCII, never empty, at most 100 characters."""

from anyascii import anyascii
from django.utils.text import slugify

MAX_SLUG_LENGTH = 100


def slug_from_text(text: str, fallback: str) -> str:
    """Return the slug of `text` without regard to others: "Café Диплом" gives "cafe-diplom".

    `fallback` (an ASCII word) serves when nothing of the text can be transliterated.
    """
    return slugify(anyascii(text))[:MAX_SLUG_LENGTH].strip("-_") or fallback
