"""Words joined as in a sentence, in the current language."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext


def any_of(words: Iterable[str]) -> str:
    """Return "a", "a or b" or "a or b or c"."""
    return _joined(words, gettext("%(first)s or %(second)s"))


def all_of(words: Iterable[str]) -> str:
    """Return "a", "a and b" or "a and b and c"."""
    return _joined(words, gettext("%(first)s and %(second)s"))


def listed(words: Iterable[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    *others, last = [str(word) for word in words]
    return all_of([", ".join(others), last]) if others else last


def _joined(words: Iterable[str], pattern: str) -> str:
    first, *others = [str(word) for word in words]
    for second in others:
        first = pattern % {"first": first, "second": second}
    return first


def first_of(words: Sequence[str], most: int) -> str:
    """Return the first words with commas, and how many more there are: "Ann, Bob and 3 more"."""
    shown = ", ".join(words[:most])
    if len(words) <= most:
        return shown
    return gettext("%(names)s and %(number)s more") % {
        "names": shown,
        "number": len(words) - most,
    }
