"""Words joined as in a sentence, in the current language."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext


def joined_with_or(words: Iterable[str]) -> str:
    """Return "a", "a or b" or "a or b or c"."""
    return _joined_by_pattern(words, gettext("%(first)s or %(second)s"))


def joined_with_and(words: Iterable[str]) -> str:
    """Return "a", "a and b" or "a and b and c"."""
    return _joined_by_pattern(words, gettext("%(first)s and %(second)s"))


def _joined_by_pattern(words: Iterable[str], pattern: str) -> str:
    first, *others = [str(word) for word in words]
    for second in others:
        first = pattern % {"first": first, "second": second}
    return first


def first_words_and_rest_count(words: Sequence[str], most: int) -> str:
    """Return the first words with commas, and how many more there are: "Ann, Bob and 3 more"."""
    shown = ", ".join(words[:most])
    if len(words) <= most:
        return shown
    return gettext("%(names)s and %(number)s more") % {
        "names": shown,
        "number": len(words) - most,
    }
