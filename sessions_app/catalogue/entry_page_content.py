"""What the page of an authority record shows besides its sessions, such as careers and co-speakers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from search_app.api import search
from search_app.criteria_and_hits import Criteria
from sessions_app.catalogue import charts
from sessions_app.catalogue.profiles import co_speakers, public_appearances, public_appearances_for
from sessions_app.models import Topic
from speakers_app.models import Organisation, Speaker, given_and_family_name

from .authorities import names_by_slug, public_session_counts
from .list_kinds import RECOMMENDATIONS
from .result_list import ResultList

MAX_CAREER_ROWS, MAX_DOTS_PER_CAREER_ROW = 20, 200
MAX_CO_SPEAKERS, MAX_PEOPLE, MAX_PEOPLE_YEARS = 12, 20, 15
MAX_ADVICE, MAX_RELATED = 5, 10
DAYS_PER_YEAR = 366


@dataclass(frozen=True)
class CareerRow:
    """A position held: its words, where the organisation's page is, its years and its drawing."""

    role: str
    organisation: str
    url: str
    first_year: int | None
    last_year: int | None
    drawing: SafeString | str


@dataclass(frozen=True)
class Career:
    rows: list[CareerRow]
    first_year: int
    last_year: int
    position_count: int


@dataclass
class _PositionSpan:
    years: list[int] = field(default_factory=list)
    dots: list[charts.SessionDot] = field(default_factory=list)


def speaker_career(speaker: Speaker) -> Career:
    """Return where a speaker stood when, the latest first, with the sessions as dots; one query.

    Sessions without an affiliation have a row of their own.
    """
    rows = (
        public_appearances()
        .filter(speaker=speaker)
        .order_by("-session__held_on", "session__slug")
        .values_list(
            "role_title",
            "organisation__slug",
            "organisation__name",
            "further_organisations__slug",
            "further_organisations__name",
            "session__slug",
            "session__title",
            "session__held_on",
        )
    )
    spans: dict[tuple, _PositionSpan] = {}
    for role, slug, name, further_slug, further_name, session, title, day in rows:
        for key in dict.fromkeys(
            [(role, slug, name), *([(role, further_slug, further_name)] if further_slug else [])]
        ):
            span = spans.setdefault(key, _PositionSpan())
            if day and len(span.dots) < MAX_DOTS_PER_CAREER_ROW:
                place = day.year + day.timetuple().tm_yday / DAYS_PER_YEAR
                dot = charts.SessionDot(place, f"{day.year}: {title}", f"/sessions/{session}/")
                if dot not in span.dots:
                    span.dots.append(dot)
                    span.years.append(day.year)
    years = [year for span in spans.values() for year in span.years]
    first, last = min(years, default=0), max(years, default=0)
    shown = sorted(
        spans.items(),
        key=lambda item: (-max(item[1].years, default=0), item[0][0], item[0][2] or ""),
    )[:MAX_CAREER_ROWS]
    return Career(
        rows=[_build_career_row(key, span, first, last) for key, span in shown],
        first_year=last - charts.year_slot_count(first, last) + 1,
        last_year=last,
        position_count=len(spans),
    )


def _build_career_row(key, span, first, last) -> CareerRow:
    role, slug, name = key
    ends = (min(span.years), max(span.years)) if span.years else None
    words = ", ".join(part for part in (role, name) if part) or _("No affiliation given")
    return CareerRow(
        role=role,
        organisation=name or "",
        url=f"/organisations/{slug}/" if slug else "",
        first_year=ends and ends[0],
        last_year=ends and ends[1],
        drawing=charts.career_row_svg(words, ends if name else None, span.dots, first, last)
        if ends
        else "",
    )


@dataclass(frozen=True)
class CoSpeaker:
    """Somebody who was in sessions with a speaker: how many, and the latest of them."""

    speaker: Speaker
    together: int
    title: str
    url: str


def top_co_speakers(speaker: Speaker) -> tuple[list[CoSpeaker], bool]:
    """Return with whom a speaker appeared most, and whether there are more; three queries."""
    found = co_speakers(speaker)
    people = {person.pk: (person, count) for person, count in found[:MAX_CO_SPEAKERS]}
    shared = (
        public_appearances()
        .filter(session__appearances__speaker=speaker, speaker__in=people)
        .order_by("session__held_on", "session__slug")
        .values_list("speaker", "session__title", "session__slug")
    )
    latest = {person: (title, slug) for person, title, slug in shared}
    return [
        CoSpeaker(person, count, latest[key][0], f"/sessions/{latest[key][1]}/")
        for key, (person, count) in people.items()
        if key in latest
    ], len(found) > MAX_CO_SPEAKERS


@dataclass(frozen=True)
class PersonByYear:
    name: str
    url: str
    total: int
    counts: list[int]  # one for each year of the table


@dataclass(frozen=True)
class PeopleByYear:
    """Who spoke for an organisation in which year: a table."""

    years: list[int]
    people: list[PersonByYear]
    people_count: int


def people_by_year(organisation: Organisation) -> PeopleByYear:
    """Return who spoke for an organisation by the affiliation of the day; one query."""
    rows = (
        public_appearances_for(organisation)
        .order_by()
        .values_list(
            "speaker__slug", "speaker__given_name", "speaker__family_name", "session__held_on"
        )
    )
    counts: dict[tuple, Counter] = {}
    for slug, given, family, day in rows:
        counts.setdefault((slug, given_and_family_name(given, family)), Counter())[
            day and day.year
        ] += 1
    known = [year for by_year in counts.values() for year in by_year if year]
    last = max(known, default=0)
    years = list(range(max(min(known, default=1), last - MAX_PEOPLE_YEARS + 1), last + 1))
    people = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0][1], item[0][0]))
    return PeopleByYear(
        years=years,
        people=[
            PersonByYear(
                name, f"/speakers/{slug}/", by_year.total(), [by_year[year] for year in years]
            )
            for (slug, name), by_year in people[:MAX_PEOPLE]
        ],
        people_count=len(people),
    )


@dataclass(frozen=True)
class CountedTopicLink:
    name: str
    url: str
    count: int


def related_topics(topic: Topic, without: Sequence[str]) -> list[CountedTopicLink]:
    """Return the topics that most sessions of this one have too; `without`: slugs above and below."""
    hits = search(
        Criteria(
            required={"topic": (topic.slug,)},
            facets=("topic",),
            facet_limit=MAX_RELATED + len(without) + 1,
            per_page=1,
            excerpts=False,
        )
    )
    left_out = {topic.slug, *without}
    counts = [
        count for count in hits.facets["topic"] if count.count and count.value not in left_out
    ][:MAX_RELATED]
    names = names_by_slug({"topic": [count.value for count in counts]})
    return [
        CountedTopicLink(names["topic", count.value], f"/topics/{count.value}/", count.count)
        for count in counts
        if ("topic", count.value) in names
    ]


def topics_with_session_counts(topics: Sequence[Topic]) -> list[CountedTopicLink]:
    """Return topics with their numbers of sessions; those without any are left out."""
    counts = public_session_counts("topic", [topic.slug for topic in topics])
    return [
        CountedTopicLink(topic.name, topic.get_absolute_url(), counts[topic.slug])
        for topic in topics
        if counts[topic.slug]
    ]


def newest_advice_of_entry(parameter: str, slug: str) -> ResultList:
    """Return the newest advice of an entry, of people and organisations what they made."""
    return RECOMMENDATIONS.result_list(
        QueryDict(f"{parameter}={slug}"),
        with_facets=False,
        overrides={"per_page": MAX_ADVICE, "excerpts": False},
    )
