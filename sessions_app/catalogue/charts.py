"""Every chart of the site as SVG: years of a list, rows of years, careers, networks.

Charts have only classes and presentation attributes; `components/charts.css` sets the colours. Bars and
lines are stretched to the available width, so labels are not in those drawings but in the page next to
them. Each mark is a link with a title, and there is a table with the same numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from site_app.text.numbers import with_separators

CHART_WIDTH, CHART_HEIGHT, BAR_GAP, YEAR_LABEL_WIDTH = 900, 98, 4, 44
SPACE_ABOVE_BARS = 26  # above the bars, for the count of the highest
TIMELINE_WIDTH, TIMELINE_HEIGHT = 440, 36
YEAR_ROW_HEIGHT = 40
MIN_SESSIONS_FOR_FULL_HEIGHT = 4  # sessions in the fullest year
MAX_YEAR_SLOTS = 150  # years


def count_in_words(noun: str, number: int) -> str:
    """Return "1 session", "1,234 recommendations"."""
    if noun == "recommendation":
        words = ngettext("%(number)s recommendation", "%(number)s recommendations", number)
    else:
        words = ngettext("%(number)s session", "%(number)s sessions", number)
    return words % {"number": with_separators(number)}


@dataclass
class HistogramBar:
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


def _format_coordinate(number: float) -> str:
    """Write a coordinate to a tenth, as short as it can be: "2" for 2.0."""
    return f"{number:.1f}".removesuffix(".0")


def year_chart(years, noun: str, span: Sequence[int] = ()) -> SafeString:
    """Return the histogram of years, with the highest number printed, and its table.

    The other numbers appear when the pointer is over a bar. `span`: years that the axis always includes,
    so that it does not change with the filters.

    As a template it would take five times as long. A single year is shown as a sentence, because there is
    nothing to compare its bar with.
    """
    if len(years) == 1:
        return _single_year_sentence(years[0], noun)
    chart = layout_year_bars(years, noun, span)
    labels = "".join(f'<text x="{x}" y="116">{escape(year)}</text>' for x, year in chart["labels"])
    peak = max(chart["bars"], key=lambda bar: int(bar.count), default=None)
    links = "".join(_bar_link(bar, is_peak=bar is peak) for bar in chart["bars"])
    # If all bars are low, the unused space above them is cut off.
    top = int(min((float(bar.y) for bar in chart["bars"]), default=0)) - SPACE_ABOVE_BARS
    return mark_safe(  # noqa: S308 - all but numbers is escaped, here and in _bar_link
        f'<svg class="histogram" viewBox="0 {top} {chart["width"]} {120 - top}"'
        f' role="group" aria-label="{escape(chart["label"])}">{links}'
        f'<g aria-hidden="true">{labels}</g>'
        f'<path d="M0 {CHART_HEIGHT + 2}H{CHART_WIDTH}"/></svg>' + _year_table(chart["bars"], noun)
    )


def _single_year_sentence(year, noun):
    selected = ' class="selected"' if year.selected else ""
    text = gettext("All of one year: %(year)s, %(sessions)s.")
    link = (
        f'<a href="{escape(year.url)}" rel="nofollow"{selected} data-facet="year"'
        f' data-value="{escape(year.value)}" data-count="{year.count}">{escape(year.value)}</a>'
    )
    words = escape(text) % {"year": link, "sessions": escape(count_in_words(noun, year.count))}
    return mark_safe(f'<p class="one-year soft">{words}</p>')  # noqa: S308 - escaped above


def _bar_link(bar, *, is_peak):
    styles = " ".join(["selected"] * bar.selected + ["peak"] * is_peak)
    style = f' class="{styles}"' if styles else ""
    x = min(max(float(bar.x) + float(bar.width) / 2, 20), CHART_WIDTH - 20)
    number = (
        f'<text aria-hidden="true" x="{_format_coordinate(x)}" y="{_format_coordinate(float(bar.y) - 6)}">'
        f"{with_separators(int(bar.count))}</text>"
    )
    return (
        f'<a href="{escape(bar.url)}"{style} data-facet="year"'
        f' data-value="{escape(bar.value)}" data-count="{bar.count}">'
        f"<title>{escape(bar.title)}</title>"
        f'<path d="M{bar.x} {bar.y}h{bar.width}v{bar.height}h-{bar.width}z"/>{number}</a>'
    )


def _year_table(placed: Sequence[HistogramBar], noun: str) -> str:
    head = gettext("Recommendations") if noun == "recommendation" else gettext("Sessions")
    rows = "".join(
        f'<tr><th scope="row">{escape(bar.value)}</th><td>{with_separators(int(bar.count))}</td></tr>'
        for bar in placed
    )
    return (
        f'<details class="chart-table no-print"><summary>{escape(gettext("Numbers by year"))}'
        f'</summary><table><thead><tr><th scope="col">{escape(gettext("Year"))}</th>'
        f'<th scope="col">{escape(head)}</th></tr></thead><tbody>{rows}</tbody></table></details>'
    )


def layout_year_bars(years, noun: str, span: Sequence[int] = ()) -> dict:
    """Lay out the histogram of years: bars as SVG coordinates, as many labels as fit.

    The axis also includes the years of `span`, unless it would become too long. A year without sessions
    leaves a gap, unless so many are between that no bar would be visible.
    """
    numbers = [int(year.value) for year in years]
    first, last = min(numbers, default=0), max(numbers, default=0)
    if span and numbers and max(last, *span) - min(first, *span) < MAX_YEAR_SLOTS:
        first, last = min(first, *span), max(last, *span)
    if last - first >= MAX_YEAR_SLOTS:
        slots, names = list(range(len(years))), [year.value for year in years]
    else:
        slots, names = [number - first for number in numbers], range(first, last + 1)
    step = CHART_WIDTH / max(len(names), 8)
    interval = max(1, round(YEAR_LABEL_WIDTH / step + 0.49))
    width = step - min(BAR_GAP, step / 4)
    # With few sessions the bars stay low: a single session must not fill the chart.
    tallest = min(1, max((year.count for year in years), default=0) / MIN_SESSIONS_FOR_FULL_HEIGHT)
    placed = []
    for slot, year in zip(slots, years, strict=True):
        height = max(2, year.share * CHART_HEIGHT / 100 * tallest)
        placed.append(
            HistogramBar(
                value=year.value,
                count=str(year.count),
                title=f"{year.value}: {count_in_words(noun, year.count)}",
                url=year.url,
                selected=year.selected,
                x=_format_coordinate(slot * step),
                y=_format_coordinate(CHART_HEIGHT + 2 - height),
                width=_format_coordinate(width),
                height=_format_coordinate(height),
            )
        )
    labels = [
        (_format_coordinate(slot * step + width / 2), str(name))
        for slot, name in enumerate(names)
        if slot % interval == 0
    ]
    is_advice = noun == "recommendation"
    return {
        "bars": placed,
        "labels": labels,
        "width": CHART_WIDTH,
        "label": gettext("Recommendations by year") if is_advice else gettext("Sessions by year"),
    }


def timeline_svg(years, first: int, last: int) -> SafeString | str:
    """Return (year, sessions) pairs as small bars on an axis from the year `first` to `last`.

    "" for a single year, which compares with nothing.
    """
    if not years or last == first or last - first >= MAX_YEAR_SLOTS:
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
    told = gettext("Sessions by year: %(years)s") % {
        "years": ", ".join(f"{year}: {count}" for year, count in years)
    }
    base = TIMELINE_HEIGHT + 15
    return mark_safe(  # noqa: S308 - numbers, and a translation that is escaped
        f'<svg class="timeline" viewBox="0 0 {TIMELINE_WIDTH} {TIMELINE_HEIGHT + 18}" role="img"'
        f' aria-label="{escape(told)}">{marks}'
        f'<path d="M0 {TIMELINE_HEIGHT + 1}H{TIMELINE_WIDTH}"/>'
        f'<text x="0" y="{base}">{first}</text>'
        f'<text x="{TIMELINE_WIDTH}" y="{base}" text-anchor="end">{last}</text></svg>'
    )


@dataclass(frozen=True)
class YearMark:
    """What one year of a row shows, and where it leads."""

    year: int
    count: int
    url: str


def year_slot_count(first: int, last: int) -> int:
    """Return how many years an axis has; one too long to be seen is cut at its beginning."""
    return min(last - first + 1, MAX_YEAR_SLOTS)


def year_row_svg(
    name: str, marks: Iterable[YearMark], first: int, last: int, highest: int, noun="session"
) -> SafeString:
    """Return one row of bars by year; rows with the same `first`, `last`, `highest` compare."""
    slots = year_slot_count(first, last)
    start = last - slots + 1
    links = "".join(
        f'<a href="{escape(mark.url)}" rel="nofollow"><title>{mark.year}: '
        f"{escape(count_in_words(noun, mark.count))}</title>"
        f'<rect x="{(mark.year - start) * 10 + 1}" y="{YEAR_ROW_HEIGHT - height}" width="8"'
        f' height="{height}"/></a>'
        for mark in marks
        if mark.year >= start
        for height in (max(2, round(mark.count * YEAR_ROW_HEIGHT / highest)),)
    )
    return _row_svg(name, slots, YEAR_ROW_HEIGHT, "year-row", links)


@dataclass(frozen=True)
class SessionDot:
    """A session on a line, at a place within its axis: years with fractions."""

    year: float
    title: str
    url: str


def career_row_svg(
    name: str, years: tuple[int, int] | None, dots: Iterable[SessionDot], first: int, last: int
) -> SafeString:
    """Return a span of years as a line with the sessions on it as dots that lead to them.

    "" where the axis is a single year: a dot in its middle would say nothing.
    """
    if first == last:
        return mark_safe("")
    slots = year_slot_count(first, last)
    start = last - slots + 1
    line = ""
    if years:
        begins = max(years[0], start)
        line = f'<path class="span" d="M{(begins - start) * 10 + 1} 12H{(years[1] - start) * 10 + 9}"/>'
    marks = "".join(
        f'<a href="{escape(dot.url)}"><title>{escape(dot.title)}</title>'
        f'<path class="dot" d="M{(dot.year - start) * 10:.1f} 12h.01"/></a>'
        for dot in dots
        if dot.year >= start
    )
    return _row_svg(name, slots, 24, "career-row", line + marks)


def _row_svg(name, slots, height, style, marks):
    return mark_safe(  # noqa: S308 - the name is escaped here, the marks where they are made
        f'<svg class="{style}" viewBox="0 0 {slots * 10} {height}" preserveAspectRatio="none"'
        f' role="group" aria-label="{escape(name)}"><path class="base"'
        f' d="M0 {height}H{slots * 10}"/>{marks}</svg>'
    )


@dataclass(frozen=True)
class NetworkNode:
    """A person in the network with a position; without `is_named` the name appears on focus."""

    name: str
    title: str
    url: str
    x: int
    y: int
    radius: int
    is_named: bool


def network_svg(
    name: str, nodes: Sequence[NetworkNode], links, width: int, height: int
) -> SafeString:
    """Return a network: `links` are (place of a node, place of another, sessions together)."""
    lines = "".join(
        f'<path d="M{nodes[one].x} {nodes[one].y}L{nodes[other].x} {nodes[other].y}"'
        f' class="{"strong" if together > 1 else "weak"}"/>'
        for one, other, together in links
    )
    people = "".join(
        f'<a href="{escape(node.url)}" class="{"named" if node.is_named else "unnamed"}">'
        f"<title>{escape(node.title)}</title>"
        f'<circle cx="{node.x}" cy="{node.y}" r="{node.radius}"/>'
        f'<text x="{node.x}" y="{node.y - node.radius - 5}" text-anchor="middle">'
        f"{escape(node.name)}</text></a>"
        for node in nodes
    )
    return mark_safe(  # noqa: S308 - numbers; all else is escaped above
        f'<svg class="network" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="group" aria-label="{escape(name)}"><g>{lines}</g>{people}</svg>'
    )
