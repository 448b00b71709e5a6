"""Whole numbers that a request or a file gives as text."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import ngettext

MAX_PRIMARY_KEY = 2**63 - 1  # the largest primary key in either database


def parse_whole_number(
    text: str, *, minimum: int = 1, maximum: int = MAX_PRIMARY_KEY
) -> int | None:
    """Return the number that `text` writes in the digits 0 to 9, None for anything else.

    `str.isdigit` takes "²", which `int` refuses, and both databases refuse numbers beyond their
    range: with this, no such text ends in an error page.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(maximum))):
        return None
    number = int(text)
    return number if minimum <= number <= maximum else None


def with_separators(number: int) -> str:
    """Return a whole number as the language in use writes it: "21,713"."""
    return number_format(number, decimal_pos=0, force_grouping=True)


def number_with_noun(number: int, plural: str) -> str:
    """Return a number with its noun, given in the plural: "1 session", "1,200 sessions"."""
    if plural == "sessions":  # pages use this noun, so it is in the current language
        text = ngettext("%(number)s session", "%(number)s sessions", number)
        return text % {"number": with_separators(number)}
    noun = plural
    if number == 1:
        noun = f"{plural[:-3]}y" if plural.endswith("ies") and plural != "series" else plural
        noun = noun.removesuffix("s") if noun == plural and plural != "series" else noun
    return f"{number:,} {noun}"


def parse_whole_numbers(texts: Iterable[str]) -> list[int]:
    """Return those of `texts` that are positive whole numbers, as numbers."""
    numbers = (parse_whole_number(text) for text in texts)
    return [number for number in numbers if number is not None]
