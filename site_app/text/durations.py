"""Durations in words that cannot be read as a time of day."""

from django.utils.translation import gettext

NO_BREAK_SPACE = "\u00a0"


def duration_in_words(seconds: float) -> str:
    """Return a length in seconds in its two largest units: "37 s", "1 min 37 s", "1 h 2 min"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(gettext("%(number)s h") % {"number": hours})
    if minutes:
        parts.append(gettext("%(number)s min") % {"number": minutes})
    if (rest and not hours) or not parts:
        parts.append(gettext("%(number)s s") % {"number": rest})
    return " ".join(parts).replace(" ", NO_BREAK_SPACE)
