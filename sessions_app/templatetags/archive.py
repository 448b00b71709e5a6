"""Tags and filters for pages about sessions."""

from django import template
from django.utils.safestring import mark_safe

from site_app.rich_text import sanitise

register = template.Library()


@register.filter
def rich_text(markup):
    """Print sanitised markup. Cleaned again here: what reached the database another way counts too."""
    return mark_safe(sanitise(markup))  # noqa: S308 - sanitised on this line


@register.filter
def day_range(session):
    """Print the day or days of a session: "18–19 January 2023", "30 November – 1 December 2022"."""
    first, last = session.held_on, session.ends_on
    if first is None:
        return ""
    if last is None or last == first:
        return f"{first.day} {first:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%B %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
    return f"{first.day} {first:%B %Y} – {last.day} {last:%B %Y}"
