"""Tags and filters for pages about sessions."""

import re
from datetime import date

from django import template
from django.utils.html import format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sessions_app.catalogue.charts import timeline_svg, year_chart
from sessions_app.day_range import day_range
from sessions_app.formats import citations
from sessions_app.formats.coins import coins_openurl
from sessions_app.indexing.transcripts import recording_number_and_seconds, recording_time_text
from site_app.text.dates import long_date, read_period
from site_app.text.durations import duration_in_words
from site_app.text.numbers import with_separators
from site_app.text.rich_text import sanitise
from site_app.text.shortening import shorten_at_word
from site_app.text.single_line import capitalise_title

register = template.Library()
register.filter(recording_time_text)
register.filter(day_range)
register.filter(duration_in_words)
register.filter("shortened", shorten_at_word)
register.simple_tag(year_chart)
register.simple_tag(timeline_svg)
# HTML tags, entities and marks before the first word.
_BEFORE_FIRST_WORD = re.compile(r"(?:<[^>]*>|&#?\w+;|[^\w<&…])*")

SESSION_PART_NAMES = {
    "summary": _("Summary"),
    "topic": _("Topic"),
    "series": pgettext_lazy("one series", "Series"),
    "region": _("Region"),
    "speaker": _("Speaker"),
    "organisation": _("Organisation"),
    "audience": _("For whom"),
    "title": _("Session"),
}
# Anchors of parts on the page of a session.
ANCHOR_BY_PART = {
    "summary": "#summary",
    "speaker": "#speakers",
    "organisation": "#speakers",
    "topic": "#filed-under",
    "region": "#filed-under",
}
MAX_ACRONYM_LENGTH = 8  # characters
FILE_KIND_BY_MEDIA_TYPE = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "text/plain": _("text"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
}


@register.filter
def thousands(number):
    """Print a whole number with separators: 21,713."""
    return with_separators(number)


@register.filter
def number_or_text(cell):
    """Print a cell of a table: numbers with separators, years and all else as they are."""
    return with_separators(cell) if isinstance(cell, int) else cell


@register.filter
def rich_text(markup):
    """Print rich text, cleaned here again: text may have reached the database another way."""
    return mark_safe(sanitise(markup))  # noqa: S308 - sanitised on this line


@register.filter
def reader_text_as_html(text):
    """Print what a reader wrote: plain text, with links that lend nobody a good name."""
    linked = urlize(text, nofollow=True, autoescape=True)
    # The text is escaped, so quotation marks in tags come from urlize.
    linked = linked.replace('rel="nofollow"', 'rel="nofollow ugc"')
    return mark_safe(linebreaks(linked))  # noqa: S308 - escaped by urlize


@register.filter
def other_name_note(excerpt):
    """Say under which other name of what was typed a result was found."""
    there, typed = excerpt.other_name
    words = {"there": there, "typed": typed}
    if there.isupper() and len(there) <= MAX_ACRONYM_LENGTH:
        return gettext("as “%(there)s”, the acronym of “%(typed)s”:") % words
    return gettext("as “%(there)s” for “%(typed)s”:") % words


@register.filter
def day_as_typed(text):
    """Write an ISO day as readers write one: "1 January 2019" for "2019-01-01".

    Anything else stays as it is, and so does a day that could not be read again in this language.
    """
    text = text or ""
    try:
        day = date.fromisoformat(text)
        words = long_date(day)
        return words if read_period(words).first == day else text
    except ValueError:
        return text


@register.filter
def excerpt_part_name(excerpt):
    """Say which part of a session an excerpt is from: "Recommendation 2"."""
    if excerpt.field == "recommendation":
        return gettext("Recommendation %(number)s") % {"number": excerpt.label}
    if excerpt.field == "transcript":
        _number, seconds = recording_number_and_seconds(excerpt.label, excerpt.offset)
        if seconds is None:
            return gettext("Transcript")
        return gettext("Transcript, %(time)s") % {"time": recording_time_text(seconds)}
    if excerpt.field == "speaker" and excerpt.label:
        return gettext("Speaker, also written as")
    return SESSION_PART_NAMES.get(excerpt.field, excerpt.field.capitalize())


@register.filter
def excerpt_anchor(excerpt):
    """The address, below that of the session's page, of the place that an excerpt is from."""
    if excerpt.field == "recommendation":
        return f"#recommendation-{excerpt.label}"
    if excerpt.field == "transcript":
        number, seconds = recording_number_and_seconds(excerpt.label, excerpt.offset)
        return f"recordings/{number}/" + ("" if seconds is None else f"#t={seconds}")
    return ANCHOR_BY_PART.get(excerpt.field, "")


@register.filter
def file_kind(media_type):
    return FILE_KIND_BY_MEDIA_TYPE.get(media_type, gettext("file"))


@register.simple_tag
def organisation_short_name(organisation):
    """Print an organisation's acronym, which tells its name to who points at it; without one, the name."""
    if not organisation.abbreviation:
        return organisation.name
    return format_html('<abbr title="{}">{}</abbr>', organisation.name, organisation.abbreviation)


@register.simple_tag
def session_days(session):
    """Print the day or days of a session as `<time>`, marked where they lie ahead; without any, nothing."""
    if not session.held_on:
        return ""
    mark = (
        format_html(' <b class="to-come">{}</b>', gettext("To come"))
        if session.is_upcoming
        else ""
    )
    return format_html(
        '<time datetime="{}">{}{}</time>', session.held_on.isoformat(), day_range(session), mark
    )


@register.simple_tag
def coins_span(session):
    """Print the span by which reference managers read a session of a list (COinS)."""
    openurl = coins_openurl(citations.citation_of_listed_session(session))
    # The characters of the value need no escaping; "&" is allowed where no ";" follows.
    return mark_safe(f'<span class="Z3988" title="{openurl}"></span>')  # noqa: S308


@register.filter(name="as_title")
def shown_as_title(text):
    """Capitalise text or HTML that is used as a title."""
    if not isinstance(text, SafeString):
        return capitalise_title(text)
    start = _BEFORE_FIRST_WORD.match(text).end()
    # Only letters change their case, so safe text stays safe.
    return mark_safe(text[:start] + capitalise_title(text[start:]))  # noqa: S308


@register.simple_tag
def unapi_id(kind, name):
    """Print what /unapi knows a record by: kind "session" with its slug, or "recommendation"."""
    return format_html('<abbr class="unapi-id" title="{}:{}"></abbr>', kind, name)
