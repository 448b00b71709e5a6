"""Tags and filters for pages about sessions."""

import re
from dataclasses import dataclass

from django import template
from django.utils.html import escape, format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

from sessions_app.formats import citations
from sessions_app.formats.coins import coins
from sessions_app.indexing.transcripts import clock, moment_address
from site_app.text.rich_text import sanitise
from site_app.text.shortening import shortened
from site_app.text.single_line import as_title

register = template.Library()
register.filter(clock)
register.filter(shortened)
# Tags, entities and marks before the first word of HTML.
_BEFORE_THE_WORDS = re.compile(r"(?:<[^>]*>|&#?\w+;|[^\w<&…])*")

PART_NAMES = {
    "summary": "Summary",
    "topic": "Topic",
    "series": "Series",
    "region": "Region",
    "speaker": "Speaker",
    "organisation": "Organisation",
    "audience": "For whom",
    "title": "Session",
}
# Where parts of a session stand on its page.
PLACES = {
    "summary": "#summary",
    "speaker": "#speakers",
    "organisation": "#speakers",
    "topic": "#filed-under",
    "region": "#filed-under",
}
MAX_ACRONYM_LENGTH = 8  # characters
FILE_KINDS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "text/plain": "text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
}
CHART_WIDTH, CHART_HEIGHT, BAR_GAP, LABEL_WIDTH = 900, 98, 4, 44
TIMELINE_WIDTH, TIMELINE_HEIGHT = 440, 36
MAX_SLOTS = 150  # years


@register.filter
def thousands(number):
    """Print a whole number with separators: 21,713."""
    return f"{number:,}"


@register.filter
def rich_text(markup):
    """Print rich text, cleaned here again: text may have reached the database another way."""
    return mark_safe(sanitise(markup))  # noqa: S308 - sanitised on this line


@register.filter
def readers_text(text):
    """Print what a reader wrote: plain text, with links that lend nobody a good name."""
    linked = urlize(text, nofollow=True, autoescape=True)
    # The text is escaped: quotation marks in markup are urlize's own.
    linked = linked.replace('rel="nofollow"', 'rel="nofollow ugc"')
    return mark_safe(linebreaks(linked))  # noqa: S308 - escaped by urlize


@register.filter
def day_range(session):
    """Print the day or days of a session: "18–19 January 2023", "30 November – 1 December 2022"."""
    first, last = session.held_on, session.ends_on
    if first is None:
        return ""
    if last is None or last == first:
        return f"{first.day} {first:%B} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%B} {last.year}"
    if first.year == last.year:
        return f"{first.day} {first:%B} – {last.day} {last:%B} {last.year}"
    return f"{first.day} {first:%B} {first.year} – {last.day} {last:%B} {last.year}"


@register.filter
def as_other_name(excerpt):
    """Say under which other name of what was typed a result was found."""
    there, typed = excerpt.other_name
    if there.isupper() and len(there) <= MAX_ACRONYM_LENGTH:
        return f"as “{there}”, acronym of “{typed}”:"
    return f"as “{there}” for “{typed}”:"


@register.filter
def part_name(excerpt):
    """Say which part of a session an excerpt is from: "Recommendation 2"."""
    if excerpt.field == "recommendation":
        return f"Recommendation {excerpt.label}"
    if excerpt.field == "transcript":
        _number, seconds = moment_address(excerpt.label, excerpt.offset)
        return "Transcript" if seconds is None else f"Transcript, {clock(seconds)}"
    if excerpt.field == "speaker" and excerpt.label:
        return "Speaker, also written"
    return PART_NAMES.get(excerpt.field, excerpt.field.capitalize())


@register.filter
def anchor(excerpt):
    """The address, below that of the session's page, of the place that an excerpt is from."""
    if excerpt.field == "recommendation":
        return f"#recommendation-{excerpt.label}"
    if excerpt.field == "transcript":
        number, seconds = moment_address(excerpt.label, excerpt.offset)
        return f"recordings/{number}/" + ("" if seconds is None else f"#t={seconds}")
    return PLACES.get(excerpt.field, "")


@register.filter
def file_kind(media_type):
    return FILE_KINDS.get(media_type, "file")


@dataclass
class Bar:
    """A bar of the histogram; coordinates as they are written."""

    value: str
    count: str
    title: str
    url: str
    selected: bool
    x: str
    y: str
    width: str
    height: str


@register.simple_tag
def year_chart(years, noun):
    """Print the histogram of years as SVG; in a template it would take five times as long."""
    chart = bars(years, noun)
    labels = "".join(
        f'<text x="{x}" y="116" text-anchor="middle" aria-hidden="true">{escape(year)}</text>'
        for x, year in chart["labels"]
    )
    links = "".join(_link(bar) for bar in chart["bars"])
    return mark_safe(  # noqa: S308 - all but numbers is escaped, here and in _link
        f'<svg class="histogram" viewBox="0 0 {chart["width"]} 120" role="group"'
        f' aria-label="{escape(chart["label"])}">\n{labels}\n{links}</svg>'
    )


def _link(bar):
    selected = ' class="selected"' if bar.selected else ""
    return (
        f'<a href="{escape(bar.url)}" rel="nofollow"{selected} data-facet="year"'
        f' data-value="{escape(bar.value)}" data-count="{bar.count}">'
        f"<title>{escape(bar.title)}</title>"
        f'<rect x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}"/></a>\n'
    )


def bars(years, noun):
    """Lay out the histogram of years: bars as SVG coordinates, as many labels as fit.

    A year without sessions leaves a gap, unless so many lie between that no bar could be seen.
    """
    numbers = [int(year.value) for year in years]
    first, last = min(numbers, default=0), max(numbers, default=0)
    if last - first >= MAX_SLOTS:
        slots, names = list(range(len(years))), [year.value for year in years]
    else:
        slots, names = [number - first for number in numbers], range(first, last + 1)
    step = CHART_WIDTH / max(len(names), 8)
    each = max(1, round(LABEL_WIDTH / step + 0.49))
    width = step - min(BAR_GAP, step / 4)
    placed = []
    for slot, year in zip(slots, years, strict=True):
        height = max(2, year.share * CHART_HEIGHT / 100)
        placed.append(
            Bar(
                value=year.value,
                count=str(year.count),
                title=f"{year.value}: {year.count} {noun}{'' if year.count == 1 else 's'}",
                url=year.url,
                selected=year.selected,
                x=f"{slot * step:.1f}",
                y=f"{CHART_HEIGHT + 2 - height:.1f}",
                width=f"{width:.1f}",
                height=f"{height:.1f}",
            )
        )
    labels = [
        (f"{slot * step + width / 2:.1f}", str(name))
        for slot, name in enumerate(names)
        if slot % each == 0
    ]
    return {
        "bars": placed,
        "labels": labels,
        "width": CHART_WIDTH,
        "label": f"{noun.capitalize()}s by year",
    }


@register.simple_tag
def timeline(years, first, last):
    """Print (year, sessions) pairs as small bars on an axis from the year `first` to `last`."""
    if not years or last - first >= MAX_SLOTS:
        return ""
    step = TIMELINE_WIDTH / (last - first + 1)
    width = step - min(BAR_GAP, step / 4)
    highest = max(count for _year, count in years)
    marks = "".join(
        f'<rect x="{(year - first) * step:.1f}" y="{TIMELINE_HEIGHT - height:.1f}"'
        f' width="{width:.1f}" height="{height:.1f}"><title>{year}: {count}</title></rect>'
        for year, count in years
        for height in (max(4, count * TIMELINE_HEIGHT / highest),)
    )
    told = ", ".join(f"{year}: {count}" for year, count in years)
    base = TIMELINE_HEIGHT + 15
    return mark_safe(  # noqa: S308 - numbers alone
        f'<svg class="timeline" viewBox="0 0 {TIMELINE_WIDTH} {TIMELINE_HEIGHT + 18}" role="img"'
        f' aria-label="Sessions by year: {told}">{marks}'
        f'<path d="M0 {TIMELINE_HEIGHT + 1}H{TIMELINE_WIDTH}"/>'
        f'<text x="0" y="{base}">{first}</text>'
        f'<text x="{TIMELINE_WIDTH}" y="{base}" text-anchor="end">{last}</text></svg>'
    )


@register.simple_tag
def coins_of(session, publisher):
    """Print the span by which reference managers read a session of a list (COinS)."""
    openurl = coins(citations.of_listed_session(session, publisher))
    return format_html('<span class="Z3988" title="{}"></span>', openurl)


@register.filter(name="as_title")
def shown_as_title(text):
    """Capitalise text or HTML that is used as a title."""
    if not isinstance(text, SafeString):
        return as_title(text)
    start = _BEFORE_THE_WORDS.match(text).end()
    # Only letters change their case: what was safe stays safe.
    return mark_safe(text[:start] + as_title(text[start:]))  # noqa: S308
