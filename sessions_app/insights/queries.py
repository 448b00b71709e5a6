"""What the charts of /insights/ show: numbers of sessions, each with the list that it counts.

A number is the total of the list its link leads to: the filters of the page, with the mark's value
as the only one of its filter. Where values of a chart's own filter are chosen, it shows those alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from django.db.models import Count, F, Max, Min, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from search_app.api import cross_counts, matching_ids, shared_records, totals_by_kind
from search_app.index.cross_counts import Axis
from sessions_app.catalogue import charts
from sessions_app.catalogue.authorities import AUTHORITIES, labels
from sessions_app.catalogue.list_kinds import RECOMMENDATIONS, SESSIONS
from sessions_app.catalogue.result_list import ResultList
from sessions_app.models import Recurrence
from sessions_app.querysets import public_condition
from site_app.text.numbers import with_separators
from speakers_app.models import reading_name

from .network import HEIGHT, WIDTH, Network, busiest, largest_component, layout

MAX_ROWS = 8  # of a chart over time
MAX_ORGANISATIONS, MAX_TOPICS = 12, 8  # of the table of who speaks on what
MAX_PEOPLE, MAX_NAMED, MAX_PAIRS = 60, 24, 25
MAX_GROUPS, MAX_ADVISERS = 10, 5
MAX_SERIES, MAX_SERIES_IN_YEARS, MAX_COVERED_YEARS = 8, 2, 12
LEVELS = 5  # shades of a cell
NOT_CARRIED = ("sort", "per_page", "group")
LETTER_WIDTH, LINE_HEIGHT = 7, 16  # of a name in the network, so that names do not overlap


@dataclass(frozen=True)
class Insight:
    """One chart: its address, its words, and how it is made of a list."""

    slug: str
    title: str
    description: str
    make: Callable[[ResultList], "ChartData"]
    template: str
    noun: str = "session"

    @property
    def url(self):
        return reverse("sessions:insight", args=[self.slug])

    def list_for(self, query: QueryDict, path: str, **options) -> ResultList:
        """Return the list whose records the chart counts."""
        kind = RECOMMENDATIONS if self.noun == "recommendation" else SESSIONS
        return kind.result_list(query, path=path, **options)


@dataclass
class ChartData:
    """What a chart prints, and its numbers as a table: columns, and rows of texts and numbers."""

    columns: list[str]
    rows: list[list]
    is_empty: bool = False
    notes: list[str] = field(default_factory=list)  # what is left out, and how much of it
    parts: dict = field(default_factory=dict)  # of the template


@dataclass(frozen=True)
class Trend:
    """A row of a chart over time."""

    name: str
    url: str
    total: int
    peak: int
    peak_year: int | None
    drawing: SafeString


@dataclass(frozen=True)
class Cell:
    count: int
    url: str
    level: int = 0  # 0: blank, else 1 to LEVELS


@dataclass(frozen=True)
class MatrixRow:
    name: str
    url: str
    cells: list[Cell]


@dataclass(frozen=True)
class Matrix:
    caption: str
    corner: str  # what the rows are
    columns: list[tuple[str, str]]  # (name, address)
    rows: list[MatrixRow]


def address_of(found: ResultList, **values: str) -> str:
    """Return the list of `found`'s records with these values as the only ones of their filters."""
    changes = {name: [value] for name, value in values.items()}
    query = found.query_string(without=NOT_CARRIED, **changes)
    return f"{reverse(found.kind.list_url)}{'?' * bool(query)}{query}"


def names_of(**slugs: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return {(filter, slug): name}, the slug where there is no name; one query."""
    known = labels(slugs)
    return {
        (name, slug): known.get((name, slug), slug)
        for name, found in slugs.items()
        for slug in found
    }


def bounded(shown: int, total: int, what: str) -> list[str]:
    """Say that only the `shown` most frequent of `total` are shown; nothing when all are."""
    if shown >= total:
        return []
    text = _(
        "The %(shown)s with the most sessions of %(total)s %(what)s; the filters choose others."
    )
    return [text % {"shown": shown, "total": with_separators(total), "what": what}]


# --- over time ----------------------------------------------------------------------------------


def over_time(facet: str) -> Callable[[ResultList], ChartData]:
    """Return the chart of one kind of entry by year."""
    kind = AUTHORITIES[facet]

    def make(found: ResultList) -> ChartData:
        crossed = cross_counts(found.criteria, (Axis(facet, MAX_ROWS), Axis("year")))
        entries, years = crossed.axes
        names = names_of(**{facet: entries.values})
        numbers = [int(year) for year in years.values]
        first, last = min(numbers, default=0), max(numbers, default=0)
        highest = int(crossed.counts.max(initial=1))
        trends, rows = [], []
        for place, slug in enumerate(entries.values):
            counts = crossed.counts[place].tolist()
            marks = [
                charts.YearMark(int(year), count, address_of(found, **{facet: slug, "year": year}))
                for year, count in zip(years.values, counts, strict=True)
                if count
            ]
            peak = max(marks, key=lambda mark: mark.count, default=None)
            name = names[facet, slug]
            trends.append(
                Trend(
                    name=name,
                    url=address_of(found, **{facet: slug}),
                    total=entries.totals[place],
                    peak=peak.count if peak else 0,
                    peak_year=peak.year if peak else None,
                    drawing=charts.year_row(
                        _("%(name)s: sessions by year") % {"name": name},
                        marks, first, last, highest,
                    ),
                )
            )  # fmt: skip
            rows.append([name, *counts, entries.totals[place]])
        return ChartData(
            columns=[str(kind.label), *years.values, _("All, undated ones too")],
            rows=rows,
            is_empty=not trends,
            notes=bounded(len(trends), entries.value_count, str(kind.plural).lower())
            if not found.criteria.filters.get(facet)
            else [],
            parts={
                "trends": trends,
                "first_year": last - charts.slots_of(first, last) + 1,
                "last_year": last,
                "highest": highest,
            },
        )

    return make


# --- tables of two kinds ------------------------------------------------------------------------


def matrix_of(found, caption, rows, columns, counts, names) -> Matrix:
    """Return counts as a table of links; `rows` and `columns` are (filter, slugs)."""
    (row_filter, row_values), (column_filter, column_values) = rows, columns
    highest = max(int(counts.max(initial=1)), LEVELS)

    def cell(row, column, count):
        if not count:
            return Cell(0, "")
        url = address_of(found, **{row_filter: row, column_filter: column})
        return Cell(count, url, -(-count * LEVELS // highest))

    def name_of(facet, value):
        return names.get((facet, value), value)

    return Matrix(
        caption=caption,
        corner=str(AUTHORITIES[row_filter].label),
        columns=[
            (name_of(column_filter, value), address_of(found, **{column_filter: value}))
            for value in column_values
        ],
        rows=[
            MatrixRow(
                name_of(row_filter, row),
                address_of(found, **{row_filter: row}),
                [
                    cell(row, column, int(count))
                    for column, count in zip(column_values, counts[place], strict=True)
                ],
            )
            for place, row in enumerate(row_values)
        ],
    )


def organisations_and_topics(found: ResultList) -> ChartData:
    """Return how many sessions of each topic somebody spoke at for each organisation."""
    crossed = cross_counts(
        found.criteria, (Axis("organisation", MAX_ORGANISATIONS), Axis("topic", MAX_TOPICS))
    )
    organisations, topics = crossed.axes
    names = names_of(organisation=organisations.values, topic=topics.values)
    is_empty = not crossed.counts.size
    matrix = matrix_of(
        found,
        _("Sessions by organisation and topic"),
        ("organisation", organisations.values),
        ("topic", topics.values),
        crossed.counts,
        names,
    )
    return ChartData(
        columns=[_("Organisation"), *(name for name, _url in matrix.columns)],
        rows=[[row.name, *(cell.count for cell in row.cells)] for row in matrix.rows],
        is_empty=is_empty,
        notes=bounded(len(organisations.values), organisations.value_count, _("organisations"))
        + bounded(len(topics.values), topics.value_count, _("topics")),
        parts={"matrices": [] if is_empty else [matrix]},
    )


def coverage(found: ResultList) -> ChartData:
    """Return series × topic, and the years of the first series, blanks and all."""
    crossed = cross_counts(
        found.criteria,
        (Axis("series", MAX_SERIES), Axis("topic", MAX_TOPICS), Axis("year")),
    )
    plane = cross_counts(found.criteria, (Axis("series", MAX_SERIES), Axis("topic", MAX_TOPICS)))
    series, topics, years = crossed.axes
    names = names_of(series=series.values, topic=topics.values)
    is_empty = not plane.counts.size
    matrices = [
        matrix_of(
            found, _("Sessions by series and topic"), ("series", series.values),
            ("topic", topics.values), plane.counts, names,
        )
    ]  # fmt: skip
    numbers = [int(year) for year in years.values]
    span = list(range(min(numbers), max(numbers) + 1)) if numbers else []
    covered = [str(year).zfill(4) for year in span[-MAX_COVERED_YEARS:]]
    place_of = {year: place for place, year in enumerate(years.values)}
    for place, slug in enumerate(series.values[:MAX_SERIES_IN_YEARS]):
        by_year = crossed.counts[place][
            :, [place_of[year] for year in covered if year in place_of]
        ]
        known = [year for year in covered if year in place_of]
        matrices.append(
            _years_of_series(found, names, slug, topics.values, covered, known, by_year)
        )
    rows = [
        [names["series", one], names["topic", topic], year, int(crossed.counts[at, row, column])]
        for at, one in enumerate(series.values)
        for row, topic in enumerate(topics.values)
        for column, year in enumerate(years.values)
    ]
    return ChartData(
        columns=[_("Series"), _("Topic"), _("Year"), _("Sessions")],
        rows=rows,
        is_empty=is_empty,
        notes=bounded(len(series.values), series.value_count, _("series"))
        + bounded(len(topics.values), topics.value_count, _("topics")),
        parts={"matrices": [] if is_empty else matrices},
    )


def _years_of_series(found, names, slug, topics, covered, known, counts) -> Matrix:
    """Return topic × year within one series; a year in which it had no session is blank."""
    highest = max(int(counts.max(initial=1)), LEVELS)
    column_of = {year: place for place, year in enumerate(known)}

    def cell(row, topic, year):
        count = int(counts[row, column_of[year]]) if year in column_of else 0
        if not count:
            return Cell(0, "")
        url = address_of(found, series=slug, topic=topic, year=year)
        return Cell(count, url, -(-count * LEVELS // highest))

    return Matrix(
        caption=_("%(series)s: sessions by topic and year") % {"series": names["series", slug]},
        corner=_("Topic"),
        columns=[(year, address_of(found, series=slug, year=year)) for year in covered],
        rows=[
            MatrixRow(
                names["topic", topic],
                address_of(found, series=slug, topic=topic),
                [cell(row, topic, year) for year in covered],
            )
            for row, topic in enumerate(topics)
        ],
    )


# --- people -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two people and how many sessions they were in together; no address where names are shared."""

    first: str
    first_url: str
    second: str
    second_url: str
    together: int
    url: str


def people(found: ResultList) -> ChartData:
    """Return the network of who appeared with whom, and the pairs that did so most."""
    chosen = found.criteria.filters.get("speaker", ())
    others = {name: each for name, each in found.criteria.filters.items() if name != "speaker"}
    shared = shared_records(replace(found.criteria, filters=others), "speaker")
    if chosen:
        shared = shared.with_any(chosen)
    whole = Network(shared.first, shared.first, shared.second, shared.counts)
    part, size = largest_component(whole)
    part = busiest(part, shared.totals, MAX_PEOPLE)
    pairs = sorted(
        zip(shared.counts.tolist(), shared.first.tolist(), shared.second.tolist(), strict=True),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )[:MAX_PAIRS]
    numbers = {*part.people.tolist(), *(number for pair in pairs for number in pair[1:])}
    slugs = {number: shared.values[number] for number in sorted(numbers)}
    names = names_of(speaker=slugs.values())
    name = {number: names["speaker", slug] for number, slug in slugs.items()}
    rows = _pairs(found, pairs, slugs, name)
    return ChartData(
        columns=[_("Speaker"), _("With"), _("Sessions together")],
        rows=[[pair.first, pair.second, pair.together] for pair in rows],
        is_empty=not rows,
        notes=_notes_on_people(len(part.people), size, len(rows), len(shared.counts)),
        parts={
            "pairs": rows,
            "drawing": _drawing(found, part, shared, slugs, name),
            "shown": len(part.people),
        },
    )


def _notes_on_people(shown, size, pairs, all_pairs):
    notes = []
    if shown < size:
        notes.append(
            _("Drawn: %(shown)s of the %(size)s people who are connected with each other, beginning "
              "with the two who were in most sessions together.")
            % {"shown": shown, "size": with_separators(size)}
        )  # fmt: skip
    if pairs < all_pairs:
        notes.append(
            _("Listed: the %(pairs)s of %(all)s pairs with the most sessions together.")
            % {"pairs": pairs, "all": with_separators(all_pairs)}
        )
    return notes


def _pairs(found, pairs, slugs, name) -> list[Pair]:
    """Return the pairs; each number is linked where a search by both names finds just that many."""
    criteria = [
        found.filterset.criteria(
            filters={**found.criteria.filters, "speaker": (slugs[first],)},
            text=_with_person(found, name[second]),
        )
        for _together, first, second in pairs
    ]
    totals = totals_by_kind(criteria)
    base = reverse("sessions:list")

    def url_of(together, first, second, total):
        if total != together:
            return ""  # two people of one name: no search tells them apart
        query = found.query_string(
            without=NOT_CARRIED, speaker=[slugs[first]], q=[_with_person(found, name[second])]
        )
        return f"{base}?{query}"

    return [
        Pair(
            name[first], address_of(found, speaker=slugs[first]),
            name[second], address_of(found, speaker=slugs[second]),
            together, url_of(together, first, second, total),
        )
        for (together, first, second), total in zip(pairs, totals, strict=True)
    ]  # fmt: skip


def _with_person(found, name):
    text = found.filterset.chosen("q") or ""
    return f'{text} speaker:"{name}"'.strip()


def _drawing(found, part, shared, slugs, name) -> SafeString | str:
    if not len(part.people):
        return ""
    order = {number: place for place, number in enumerate(part.people.tolist())}
    links = [
        (order[first], order[second], together)
        for first, second, together in zip(
            part.first.tolist(), part.second.tolist(), part.weights.tolist(), strict=True
        )
    ]
    pairs = np.array([link[:2] for link in links])
    places = layout(len(order), pairs, part.weights)
    radii = [min(4 + round(2 * int(shared.totals[number]) ** 0.5), 18) for number in order]
    named = _named(places, radii, [name[number] for number in order])
    nodes = [
        charts.Node(
            name=name[number],
            title=_("%(name)s: %(sessions)s")
            % {
                "name": name[number],
                "sessions": charts.counted("session", int(shared.totals[number])),
            },
            url=address_of(found, speaker=slugs[number]),
            x=int(places[place][0]),
            y=int(places[place][1]),
            radius=radii[place],
            is_named=place in named,
        )
        for number, place in order.items()
    ]
    return charts.network(
        _("Who appeared with whom: a network of speakers"), nodes, links, WIDTH, HEIGHT
    )


def _named(places, radii, names) -> set[int]:
    """Return whose names are written: the busiest first, none over another or over the edge."""
    circles = [
        (x - radius, y - radius, x + radius, y + radius)
        for (x, y), radius in zip(places.tolist(), radii, strict=True)
    ]
    boxes, named = [], set()
    for place, (x, y) in enumerate(places.tolist()):
        half = len(names[place]) * LETTER_WIDTH / 2
        bottom = y - radii[place] - 3
        box = (x - half, bottom - LINE_HEIGHT, x + half, bottom)
        is_free = all(
            box[2] < other[0] or other[2] < box[0] or box[3] < other[1] or other[3] < box[1]
            for other in (*boxes, *circles)
        )
        if is_free and box[0] > 0 and box[2] < WIDTH and len(named) < MAX_NAMED:
            boxes.append(box)
            named.add(place)
    return named


# --- advice -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AdviceTrend:
    text: str
    url: str
    sessions: int
    first_year: int | None
    last_year: int | None
    advisers: list[tuple[str, str]]  # (name, address of their page)
    more_advisers: int
    drawing: SafeString


def recurring_advice(found: ResultList) -> ChartData:
    """Return the advice that most sessions gave, within the filters, with who gave it and when."""
    members = Recurrence.objects.filter(public_condition("recommendation__session__"))
    if found.filterset.is_narrowed:
        members = members.filter(recommendation__in=list(matching_ids(found.criteria)))
    groups = list(
        members.order_by()
        .values("group")
        .annotate(
            sessions=Count("recommendation__session", distinct=True),
            first=Min("recommendation__session__held_on"),
            last=Max("recommendation__session__held_on"),
        )
        .filter(sessions__gte=2)
        .order_by("-sessions", "-last", "group")[: MAX_GROUPS + 1]
    )
    has_more, groups = len(groups) > MAX_GROUPS, groups[:MAX_GROUPS]
    within = members.filter(group__in=[group["group"] for group in groups]).order_by()
    years, advisers = {}, {}
    nearest = Window(
        RowNumber(), partition_by=F("group"), order_by=[F("likeness").desc(), F("pk").asc()]
    )
    headings = within.annotate(nearness=nearest).filter(nearness=1)
    texts = dict(headings.values_list("group", "recommendation__text"))
    dated = within.values_list(
        "group", "recommendation__session__held_on", "recommendation__session"
    ).distinct()
    for group, day, _session in dated:
        if day:
            by_year = years.setdefault(group, {})
            by_year[day.year] = by_year.get(day.year, 0) + 1
    speaker = "recommendation__made_by__speaker"
    made = (
        within.filter(recommendation__made_by__isnull=False)
        .values("group", f"{speaker}__slug", f"{speaker}__given_name", f"{speaker}__family_name")
        .annotate(times=Count("pk"))
        .order_by("-times", f"{speaker}__slug")
    )
    for row in made:
        name = reading_name(row[f"{speaker}__given_name"], row[f"{speaker}__family_name"])
        advisers.setdefault(row["group"], {})[row[f"{speaker}__slug"]] = name
    known = [year for found_years in years.values() for year in found_years]
    first, last = min(known, default=0), max(known, default=0)
    highest = max((n for by_year in years.values() for n in by_year.values()), default=1)
    trends = [
        _advice_trend(found, group, texts, years, advisers, (first, last, highest))
        for group in groups
    ]
    return ChartData(
        columns=[_("Advice"), _("Sessions"), _("First year"), _("Last year"), _("By whom"),
                 *map(str, sorted(set(known)))],
        rows=[
            [
                trend.text, trend.sessions, str(trend.first_year or ""), str(trend.last_year or ""),
                "; ".join(advisers.get(group["group"], {}).values()),
                *(years.get(group["group"], {}).get(year, 0) for year in sorted(set(known))),
            ]
            for group, trend in zip(groups, trends, strict=True)
        ],
        is_empty=not trends,
        notes=[_("The advice of the most sessions; the page of recurring advice has all of it.")]
        if has_more
        else [],
        parts={
            "trends": trends,
            "first_year": last - charts.slots_of(first, last) + 1,
            "last_year": last,
            "highest": highest,
            "is_dated": bool(known),
        },
    )  # fmt: skip


def _advice_trend(found, group, texts, years, advisers, axis) -> AdviceTrend:
    number = group["group"]
    base = reverse("sessions:recurring")

    def url_of(**values):
        changes = {name: [value] for name, value in values.items()}
        return f"{base}?{found.query_string(without=NOT_CARRIED, group=[str(number)], **changes)}"

    marks = [
        charts.YearMark(year, count, url_of(year=f"{year:04}"))
        for year, count in sorted(years.get(number, {}).items())
    ]
    made = list(advisers.get(number, {}).items())
    return AdviceTrend(
        text=texts.get(number, ""),
        url=url_of(),
        sessions=group["sessions"],
        first_year=group["first"] and group["first"].year,
        last_year=group["last"] and group["last"].year,
        advisers=[
            (name, reverse("sessions:speaker", args=[slug])) for slug, name in made[:MAX_ADVISERS]
        ],
        more_advisers=max(0, len(made) - MAX_ADVISERS),
        drawing=charts.year_row(
            _("%(name)s: sessions by year") % {"name": texts.get(number, "")}, marks, *axis
        ),
    )


INSIGHTS = {
    insight.slug: insight
    for insight in (
        Insight(
            "topics", gettext_lazy("Topics over time"),
            gettext_lazy("How many sessions each topic had in each year; a topic includes those below it."),
            over_time("topic"), "trends",
        ),
        Insight(
            "regions", gettext_lazy("Regions over time"),
            gettext_lazy("How many sessions were about each region in each year."),
            over_time("region"), "trends",
        ),
        Insight(
            "series", gettext_lazy("Series over time"),
            gettext_lazy("How many sessions each series had in each year."),
            over_time("series"), "trends",
        ),
        Insight(
            "organisations", gettext_lazy("Organisations over time"),
            gettext_lazy("At how many sessions of each year somebody spoke for each organisation, "
                         "by the affiliation of the day."),
            over_time("organisation"), "trends",
        ),
        Insight(
            "people", gettext_lazy("Who appeared with whom"),
            gettext_lazy("Speakers who were in a session together, as a network and as pairs."),
            people, "people",
        ),
        Insight(
            "organisations-and-topics", gettext_lazy("Which organisations speak on what"),
            gettext_lazy("At how many sessions of each topic somebody spoke for each organisation."),
            organisations_and_topics, "matrices",
        ),
        Insight(
            "recommendations", gettext_lazy("Which recommendations recur"),
            gettext_lazy("Advice that several sessions gave in much the same words: by whom, and over "
                         "which years."),
            recurring_advice, "advice", "recommendation",
        ),
        Insight(
            "coverage", gettext_lazy("Coverage"),
            gettext_lazy("What each series has had on each topic, and in which year: the blank cells "
                         "are what nobody has spoken about yet."),
            coverage, "matrices",
        ),
    )
}  # fmt: skip
